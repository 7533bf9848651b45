import type { CallOptions, Json, KubeClient, ObjectPath } from './contract.ts';
import { startDeadline } from './deadline.ts';
import { KubeError, noAnswer, refusal } from './errors.ts';
import { objectPath } from './object-path.ts';
import { SharedReads } from './shared-reads.ts';
import { openTransport, type Transport } from './transport.ts';

const TIMEOUT_MS = 10_000;

/** A client for the cluster of KUBECONFIG or of the pod. Create one per process: it holds the connections. */
export async function createKubeClient(options: { kubeconfig?: string; userAgent?: string } = {}): Promise<KubeClient> {
  return kubeClientOn(await openTransport(options));
}

/** A client on a shared transport. `close` closes the transport for all its users. */
export function kubeClientOn(transport: Transport): KubeClient {
  const call = (input: Call): Promise<{ status: number; body: Json | undefined }> => send(transport, input);
  const reads = new SharedReads(async (path) => (await call({ method: 'GET', path })).body);

  return {
    get: async <T>(path: ObjectPath, options?: CallOptions) => {
      try {
        const urlPath = objectPath(path);
        return (await unlessAborted(reads.get(urlPath), { path: urlPath, signal: options?.signal })) as T;
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) return undefined;
        throw error;
      }
    },
    create: async <T>(path: Omit<ObjectPath, 'name'>, body: Json, options?: CallOptions) =>
      (await call({ method: 'POST', path: objectPath(path), body, ...options })).body as T,
    apply: async <T>(path: ObjectPath, body: Json, how: { fieldManager: string; force: boolean } & CallOptions) =>
      (
        await call({
          method: 'PATCH',
          path: `${objectPath(path)}?fieldManager=${encodeURIComponent(how.fieldManager)}&force=${how.force}`,
          body,
          contentType: 'application/apply-patch+yaml',
          signal: how.signal,
        })
      ).body as T,
    mergePatch: async <T>(path: ObjectPath, body: Json, how: { fieldManager: string } & CallOptions) =>
      (await call(patch(path, body, { ...how, contentType: 'application/merge-patch+json' }))).body as T,
    jsonPatch: async <T>(path: ObjectPath, body: Json[], how: { fieldManager: string } & CallOptions) =>
      (await call(patch(path, body, { ...how, contentType: 'application/json-patch+json' }))).body as T,
    delete: async (path, how) => {
      const body = how?.uid ? { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: how.uid } } : undefined;
      try {
        await call({ method: 'DELETE', path: objectPath(path), body, signal: how?.signal });
        return true;
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) return false;
        throw error;
      }
    },
    request: (method, urlPath, body, headers, options) => call({ method, path: urlPath, body, headers, ...options }),
    close: () => transport.close(),
  };
}

/** Stops waiting when the caller's signal aborts. The read itself continues, because other callers share it. */
async function unlessAborted<T>(
  read: Promise<T>,
  { path, signal }: { path: string; signal: AbortSignal | undefined },
): Promise<T> {
  if (signal === undefined) return await read;
  const abortion = Promise.withResolvers<never>();
  const abort = (): void =>
    abortion.reject(noAnswer({ method: 'GET', path, error: signal.reason, aborted: true, timedOut: false }));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([read, abortion.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: Json | undefined;
  readonly contentType?: string;
  readonly headers?: Record<string, string> | undefined;
  readonly signal?: AbortSignal | undefined;
}

function patch(
  path: ObjectPath,
  body: Json,
  how: { fieldManager: string; contentType: string; signal?: AbortSignal },
): Call {
  return {
    method: 'PATCH',
    path: `${objectPath(path)}?fieldManager=${encodeURIComponent(how.fieldManager)}`,
    body,
    contentType: how.contentType,
    signal: how.signal,
  };
}

async function send(transport: Transport, call: Call): Promise<{ status: number; body: Json | undefined }> {
  const deadline = startDeadline(TIMEOUT_MS, call.signal);
  try {
    const answer = await transport.send({
      method: call.method,
      path: call.path,
      headers: {
        ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
        ...lowerCaseNames(call.headers ?? {}),
      },
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
      timeoutMs: TIMEOUT_MS,
      signal: deadline.signal,
    });
    const body = parse(await answer.body.text());
    if (answer.statusCode >= 400) {
      const retryAfter = answer.headers['retry-after'];
      throw refusal({
        ...call,
        status: answer.statusCode,
        body,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      });
    }
    return { status: answer.statusCode, body };
  } catch (error) {
    const aborted = call.signal?.aborted ?? false;
    // The transport sees the timeout and the caller's abort as one signal and reports both as Aborted; tell them apart
    // here.
    if (error instanceof KubeError && error.reason !== 'Aborted') throw error;
    throw noAnswer({ ...call, error, aborted, timedOut: deadline.timedOut });
  } finally {
    deadline.end();
  }
}

/**
 * Header names are case-insensitive: a caller's `Content-Type` must replace the default instead of being sent beside
 * it.
 */
function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Some endpoints answer with text, such as the `ok` of /readyz; it is returned as a string. */
function parse(text: string): Json | undefined {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
