import type { StoredOperation } from '../contract/stored-state.ts';
import { isObject } from '../kinds/json.ts';
import type { JsonObject } from '../kinds/contract.ts';

/**
 * What an attempt leaves in its heartbeat for the next one, should its process die. The next attempt may be of another
 * release: all fields are optional.
 */
export type HeartbeatDetails = SendDetails | PollDetails;

/** Of the steps that send a PUT or a DELETE. */
export interface SendDetails {
  /** The digest of a payload that was put on the wire; whether Azure took it is not known. */
  readonly sent?: string;
  /** Nothing existed before it was sent, and nothing else was sent before. */
  readonly creates?: boolean;
  /** Azure refused the last PUT: nothing is on its way. */
  readonly refused?: true;
  /** The operation that Azure answered with. */
  readonly operation?: StoredOperation;
}

/** Of the steps that follow an operation. */
export interface PollDetails {
  /** Milliseconds since the epoch before which Azure asked not to be polled. */
  readonly notBefore: number;
  /** Since when Azure answers that it knows no such operation. */
  readonly lostSince?: number;
  /** When the resource itself was looked at last, and whether it was at rest. */
  readonly lookedAt?: number;
  readonly atRest?: boolean;
}

export function sendDetailsOf(details: unknown): SendDetails {
  return isObject(details) ? (details as SendDetails & JsonObject) : {};
}

export function pollDetailsOf(details: unknown): PollDetails | undefined {
  return isObject(details) && typeof details['notBefore'] === 'number'
    ? { ...details, notBefore: details['notBefore'] }
    : undefined;
}
