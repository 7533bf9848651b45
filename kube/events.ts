import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { CallOptions, JsonObject, KubeClient } from './contract.ts';
import { KubeError } from './errors.ts';
import { FIELD_MANAGERS } from './names.ts';

/** The object that an event is about. Without a namespace it is cluster-scoped. */
interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
}

export interface EventInput {
  readonly regarding: Regarding;
  readonly type: 'Normal' | 'Warning';
  /** Why, in one word; the same reasons as the condition's. */
  readonly reason: string;
  /**
   * For people, at most 1 kB; longer text is cut. Never a secret value: everybody who can read the namespace can read
   * events.
   */
  readonly note: string;
  /** What the operator was doing, in one word. */
  readonly action: string;
  /** What makes two events the same, where the notes differ only in an id or a time. Default: the note. */
  readonly sameness?: string;
  /** An event that still exists is not counted up. */
  readonly once?: boolean;
  /** When it happened, as `microTime` writes it. Default: now. */
  readonly time?: string;
}

/** The API server's limits. */
const NOTE_BYTES = 1024;
const WORD_CHARACTERS = 128;
const NAME_CHARACTERS = 253;
const REPORTING_CONTROLLER = 'azure-temporal-operator';

/**
 * Writes an Event. A repeated event is the same object with a higher count, so an outage of hours is one line of
 * `kubectl events` instead of thousands. Best effort: an event that cannot be written is dropped, because no step may
 * wait for it or fail because of it. Never rejects.
 *
 * The deprecated count and timestamps stay unset: the API server refuses them in events.k8s.io/v1, and kubectl reads
 * `eventTime` and `series` before them.
 * @returns whether the event is there
 */
export async function emitEvent(client: KubeClient, input: EventInput, options: CallOptions = {}): Promise<boolean> {
  const time = input.time ?? microTime();
  const event = eventOf(input, time);
  const collection = { group: 'events.k8s.io', version: 'v1', plural: 'events', namespace: event.metadata.namespace };
  try {
    await client.create<JsonObject>(collection, event, options);
    return true;
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) return false;
  }
  if (input.once === true) return true;
  try {
    const path = { ...collection, name: event.metadata.name };
    const existing = await client.get<JsonObject>(path, options);
    // Two workers that repeat it at the same moment may count once. A lock is not worth its cost here.
    const series = { count: countOf(existing) + 1, lastObservedTime: time };
    await client.mergePatch<JsonObject>(path, { series }, { ...options, fieldManager: FIELD_MANAGERS.status });
    return true;
  } catch {
    return false;
  }
}

function eventOf({ regarding, type, reason, note, action, sameness }: EventInput, time: string) {
  const cutNote = cut(note, NOTE_BYTES);
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    // By convention, events about cluster-scoped objects are in the namespace `default`.
    metadata: {
      name: nameOf({ regarding, reason, sameness: sameness ?? cutNote }),
      namespace: regarding.namespace ?? 'default',
    },
    eventTime: time,
    reportingController: REPORTING_CONTROLLER,
    reportingInstance: hostname().slice(0, WORD_CHARACTERS) || REPORTING_CONTROLLER,
    regarding: { ...regarding },
    type,
    reason: reason.slice(0, WORD_CHARACTERS),
    action: action.slice(0, WORD_CHARACTERS),
    note: cutNote,
  };
}

/** The name is the same for the same object, reason and sameness, in every process. */
function nameOf({
  regarding,
  reason,
  sameness,
}: Pick<EventInput, 'regarding' | 'reason'> & { sameness: string }): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([regarding.uid, reason, sameness]))
    .digest('hex')
    .slice(0, 16);
  // A name that ends with a dot or a dash is invalid.
  const readable = regarding.name.slice(0, NAME_CHARACTERS - hash.length - 1).replace(/[.-]+$/, '');
  return `${readable}.${hash}`;
}

/** Cuts text to at most `bytes` of UTF-8 without splitting a character. */
function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  const room = encoded.subarray(0, bytes - Buffer.byteLength('…'));
  return `${new TextDecoder().decode(room, { stream: true })}…`;
}

/** How often the event was seen. An Event has a series from its second occurrence on. */
function countOf(event: JsonObject | undefined): number {
  const series = event?.['series'];
  const count = typeof series === 'object' && series !== null && !Array.isArray(series) ? series['count'] : undefined;
  return typeof count === 'number' ? count : 1;
}

/** Kubernetes' MicroTime requires exactly six fractional digits. `microseconds` is the part below a millisecond. */
export function microTime(milliseconds = Date.now(), microseconds = 0): string {
  return new Date(milliseconds).toISOString().replace('Z', `${String(microseconds).padStart(3, '0')}Z`);
}
