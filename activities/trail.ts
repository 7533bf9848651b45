import type { StoredOperation } from '../contract/stored-state.ts';
import { isObject } from '../kinds/json.ts';

/**
 * What an attempt leaves in its heartbeat for the next one, should its process die. The next attempt may be of another
 * release: all fields are optional.
 */
export type Trail = SendTrail | PollTrail;

/** Of the steps that send a PUT or a DELETE. */
export interface SendTrail {
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
export interface PollTrail {
  /** Milliseconds since the epoch before which Azure asked not to be polled. */
  readonly notBefore: number;
  /** Since when Azure answers that it knows no such operation. */
  readonly lostSince?: number;
  /** When the resource itself was looked at last, and whether it was at rest. */
  readonly lookedAt?: number;
  readonly atRest?: boolean;
}

export function sendTrailOf(details: unknown): SendTrail {
  return isObject(details) ? details : {};
}

export function pollTrailOf(details: unknown): PollTrail | undefined {
  return isObject(details) && typeof details['notBefore'] === 'number'
    ? { ...details, notBefore: details['notBefore'] }
    : undefined;
}
