import type { KubeObject, ObjectMeta } from './contract.ts';
import { KubeError, noAnswer, refusal } from './errors.ts';
import type { Transport } from './transport.ts';

const PAGE = 500;
const PAGE_TIMEOUT_MS = 60_000;
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export interface Collection {
  /** For example `/apis/apiextensions.k8s.io/v1/customresourcedefinitions`. */
  readonly path: string;
  /** Without spec, status and data: the values of Secrets never enter the process. */
  readonly metadataOnly: boolean;
}

interface ListAnswer {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: KubeObject[];
}

/** Hands each object of a collection to `each`, page by page, and returns the resourceVersion to watch from. */
export async function listPages(
  transport: Transport,
  collection: Collection,
  how: { each: (object: KubeObject) => void; signal: AbortSignal },
): Promise<string> {
  let next = '';
  for (;;) {
    const query = `limit=${String(PAGE)}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`;
    const page = await listPage(transport, collection, { query, signal: how.signal });
    for (const item of page.items ?? []) how.each(item);
    next = page.metadata?.continue ?? '';
    if (next === '') return page.metadata?.resourceVersion ?? '';
  }
}

async function listPage(
  transport: Transport,
  collection: Collection,
  how: { query: string; signal: AbortSignal },
): Promise<ListAnswer> {
  const path = `${collection.path}?${how.query}`;
  const timeout = AbortSignal.timeout(PAGE_TIMEOUT_MS);
  const signal = AbortSignal.any([how.signal, timeout]);
  try {
    const answer = await transport.send({
      method: 'GET',
      path,
      headers: { accept: collection.metadataOnly ? METADATA : 'application/json' },
      timeoutMs: PAGE_TIMEOUT_MS,
      signal,
    });
    const text = await answer.body.text();
    if (answer.statusCode === 200) return JSON.parse(text) as ListAnswer;
    const retryAfter = answer.headers['retry-after'];
    throw refusal({
      method: 'GET',
      path,
      status: answer.statusCode,
      body: undefined,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    });
  } catch (error) {
    if (error instanceof KubeError) throw error;
    throw noAnswer({ method: 'GET', path, error, aborted: how.signal.aborted, timedOut: timeout.aborted });
  }
}

/** What identifies an object; all that is kept of it besides what the owner of a reflector picks. */
export type Identity = Pick<ObjectMeta, 'uid' | 'name' | 'namespace'>;
