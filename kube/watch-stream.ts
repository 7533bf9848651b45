import { byteLines } from './byte-lines.ts';
import type { JsonObject, KubeObject } from './contract.ts';
import { noAnswer, refusal, type KubeError } from './errors.ts';
import { selectorOf, type Collection } from './list-pages.ts';
import type { Transport } from './transport.ts';

const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

export interface WatchTiming {
  /** The time limit for the response headers. */
  readonly headersMs: number;
  /**
   * The server ends the watch after a random time between these two. That end is the only reliable sign of life: for a
   * kind without events since its start the server sends no bookmarks, and it sometimes skips one (measured on 1.36: 85
   * s without any). Keep `maxSeconds` below 240, after which Azure's load balancer drops an idle flow.
   */
  readonly minSeconds: number;
  readonly maxSeconds: number;
  /** A watch that has not ended this long after its time is a dead connection. */
  readonly overdueMs: number;
}

export const WATCH_TIMING: WatchTiming = { headersMs: 15_000, minSeconds: 60, maxSeconds: 120, overdueMs: 5_000 };

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

/**
 * Runs one watch from `resourceVersion` until the server ends it, which is normal. Calls `onEvent` for one event after
 * the other; reads nothing ahead.
 * @throws KubeError for a refusal, including one inside the stream, and `Timeout` for a dead connection; Error for a
 * broken stream
 */
export async function watchOnce(
  transport: Transport,
  collection: Collection,
  how: {
    resourceVersion: string;
    onEvent: (event: WatchEvent) => void;
    signal: AbortSignal;
    timing: WatchTiming;
  },
): Promise<void> {
  const { timing } = how;
  const seconds = Math.floor(timing.minSeconds + Math.random() * (timing.maxSeconds - timing.minSeconds));
  const path = `${collection.path}?watch=true&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(how.resourceVersion)}${selectorOf(collection)}`;
  const deadConnection = new AbortController();
  const overdueTimer = setTimeout(() => deadConnection.abort(), seconds * 1000 + timing.overdueMs);
  try {
    const answer = await transport.send({
      method: 'GET',
      path,
      headers: { accept: collection.metadataOnly ? METADATA : 'application/json' },
      timeoutMs: timing.headersMs,
      signal: AbortSignal.any([how.signal, deadConnection.signal]),
    });
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      const retryAfter = answer.headers['retry-after'];
      throw refusal({
        method: 'WATCH',
        path,
        status: answer.statusCode,
        body: undefined,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      });
    }
    for await (const line of byteLines(answer.body)) how.onEvent(eventOf(line, path));
  } catch (error) {
    if (!deadConnection.signal.aborted) throw error;
    throw noAnswer({ method: 'WATCH', path, error, aborted: false, timedOut: true });
  } finally {
    clearTimeout(overdueTimer);
  }
}

function eventOf(line: string, path: string): WatchEvent {
  const event = parse(line);
  const { type, object } = event;
  if (type === 'ERROR') throw inStreamError(object, path);
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED' && type !== 'BOOKMARK')
    throw new Error('the API server sent a watch event of an unknown type');
  return { type, object: object as unknown as KubeObject };
}

function parse(line: string): { type?: string; object: JsonObject } {
  try {
    return JSON.parse(line) as { type?: string; object: JsonObject };
  } catch {
    // JSON.parse quotes its input in the error, and the input may be anything.
    throw new Error('the API server sent a watch event that is not JSON');
  }
}

function inStreamError(status: JsonObject, path: string): KubeError {
  const code = typeof status['code'] === 'number' ? status['code'] : 500;
  return refusal({ method: 'WATCH', path, status: code, body: status });
}
