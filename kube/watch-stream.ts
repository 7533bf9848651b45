import { byteLines } from './byte-lines.ts';
import type { JsonObject, KubeObject } from './contract.ts';
import { noAnswer, refusal, type KubeError } from './errors.ts';
import type { Collection } from './list-pages.ts';
import type { Transport } from './transport.ts';

const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

export interface WatchTiming {
  /** No answer within this. */
  readonly headersMs: number;
  /**
   * The server ends the watch after some time between these: the one sign of life that always comes. Bookmarks do not do as such: of a kind without events
   * since its start the server sends none, and now and then it leaves one out (measured on 1.36: 85 s without any). Under the 240 s after which Azure's load
   * balancer forgets an idle flow.
   */
  readonly minSeconds: number;
  readonly maxSeconds: number;
  /** Not ended so long after that time: the connection is dead. */
  readonly overdueMs: number;
}

export const WATCH_TIMING: WatchTiming = { headersMs: 15_000, minSeconds: 60, maxSeconds: 120, overdueMs: 5_000 };

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

/**
 * One watch, from `resourceVersion` until the server ends it, which is the plan and no fault. Events are handed over one after the other; nothing is
 * fetched ahead.
 * @throws KubeError for a refusal, also one inside the stream, and `Timeout` for a dead connection; Error for a broken stream
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
  const path = `${collection.path}?watch=true&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(how.resourceVersion)}`;
  const silence = new AbortController();
  const overdue = setTimeout(() => silence.abort(), seconds * 1000 + timing.overdueMs);
  try {
    const answer = await transport.send({
      method: 'GET',
      path,
      headers: { accept: collection.metadataOnly ? METADATA : 'application/json' },
      timeoutMs: timing.headersMs,
      signal: AbortSignal.any([how.signal, silence.signal]),
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
    if (!silence.signal.aborted) throw error;
    throw noAnswer({ method: 'WATCH', path, error, aborted: false, timedOut: true });
  } finally {
    clearTimeout(overdue);
  }
}

function eventOf(line: string, path: string): WatchEvent {
  const event = parse(line);
  const { type, object } = event;
  if (type === 'ERROR') throw inStreamError(object, path);
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED' && type !== 'BOOKMARK')
    throw new Error('a watch event has an unknown type');
  return { type, object: object as unknown as KubeObject };
}

function parse(line: string): { type?: string; object: JsonObject } {
  try {
    return JSON.parse(line) as { type?: string; object: JsonObject };
  } catch {
    // JSON.parse quotes the text it was given; that may be anything.
    throw new Error('a watch event is not JSON');
  }
}

function inStreamError(status: JsonObject, path: string): KubeError {
  const code = typeof status['code'] === 'number' ? status['code'] : 500;
  return refusal({ method: 'WATCH', path, status: code, body: status });
}
