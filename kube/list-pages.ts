import type { KubeObject, ObjectMeta } from './contract.ts';
import { KubeError, noAnswer, refusal } from './errors.ts';
import type { Transport } from './transport.ts';

const PAGE_SIZE = 500;
const PAGE_TIMEOUT_MS = 60_000;
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export interface Collection {
  /** For example `/apis/apiextensions.k8s.io/v1/customresourcedefinitions`. */
  readonly path: string;
  /** Fetch metadata only, without spec, status and data: the values of Secrets never enter the process. */
  readonly metadataOnly: boolean;
  /** Only the object of this name: a role that names it is enough. */
  readonly name?: string;
}

interface ListAnswer {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: KubeObject[];
}

/** Calls `each` with every object of a collection, page by page, and returns the resourceVersion to watch from. */
export async function listPages(
  transport: Transport,
  collection: Collection,
  how: { each: (object: KubeObject) => void; signal: AbortSignal },
): Promise<string> {
  let next = '';
  for (;;) {
    const query = `limit=${PAGE_SIZE}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}${selectorOf(collection)}`;
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

/** The end of a query. The API server's authorizer takes the name from this selector. */
export function selectorOf({ name }: Collection): string {
  return name === undefined ? '' : `&fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`;
}

/** Identifies an object. The reflector keeps only this and the resourceVersion of each. */
export type Identity = Pick<ObjectMeta, 'uid' | 'name' | 'namespace'>;
