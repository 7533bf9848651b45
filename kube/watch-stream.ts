import { byteLines } from './byte-lines.ts';
import type { JsonObject, KubeObject } from './contract.ts';
import type { KubeError } from './errors.ts';
import { refusal } from './errors.ts';
import type { Collection } from './list-pages.ts';
import type { Transport } from './transport.ts';

const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

export interface WatchTiming {
  /** No answer within this. */
  readonly headersMs: number;
  /** No byte within this: bookmarks come every 60 s, so the connection is dead. */
  readonly idleMs: number;
  /** The server ends the watch after some time between these; under the 240 s after which Azure's load balancer forgets an idle flow. */
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

export const WATCH_TIMING: WatchTiming = { headersMs: 15_000, idleMs: 90_000, minSeconds: 100, maxSeconds: 200 };

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

/**
 * One watch, from `resourceVersion` until the server ends it. Events are handed over one after the other; nothing is fetched ahead.
 * @throws KubeError for a refusal, also one inside the stream; Error for a broken stream
 */
export async function watchOnce(
  transport: Transport,
  collection: Collection,
  how: {
    resourceVersion: string;
    onHeard: () => void;
    onEvent: (event: WatchEvent) => void;
    signal: AbortSignal;
    timing: WatchTiming;
  },
): Promise<void> {
  const { timing } = how;
  const seconds = Math.floor(timing.minSeconds + Math.random() * (timing.maxSeconds - timing.minSeconds));
  const path = `${collection.path}?watch=true&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(how.resourceVersion)}`;
  const silence = new AbortController();
  const idle = setTimeout(() => silence.abort(), timing.idleMs);
  const cap = setTimeout(() => silence.abort(), (seconds + 5) * 1000);
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
    const heard = (): void => {
      idle.refresh();
      how.onHeard();
    };
    for await (const line of byteLines(answer.body, heard)) how.onEvent(eventOf(line, path));
  } finally {
    clearTimeout(idle);
    clearTimeout(cap);
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
