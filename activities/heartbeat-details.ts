import type { StoredOperation } from '../contract/stored-state.ts';
import { isObject } from '../kinds/json.ts';

/**
 * What an attempt records in its heartbeats for the next attempt, should its process end. The next attempt may run in
 * another release of the worker, so all fields are optional.
 */
export type HeartbeatDetails = SendDetails | PollDetails;

/** The details of the steps that send a PUT or a DELETE. */
export interface SendDetails {
  /** The digest of a payload that was sent; whether Azure accepted it is unknown. */
  readonly sent?: string;
  /** Nothing existed before that payload was sent, and nothing else had been sent. */
  readonly creates?: boolean;
  /** Azure refused the last PUT, so none may still arrive. */
  readonly refused?: true;
  /** The operation that Azure answered with. */
  readonly operation?: StoredOperation;
}

/** The details of the steps that follow an operation. */
export interface PollDetails {
  /** The earliest time of the next poll, from Azure's Retry-After, in milliseconds since the epoch. */
  readonly notBefore: number;
  /** When Azure first answered that it does not know the operation, in milliseconds since the epoch. */
  readonly lostSince?: number;
  /** When the resource itself was read last. */
  readonly lookedAt?: number;
  /** Whether the resource was at rest, without a running operation: false after one such read, true after two. */
  readonly atRest?: boolean;
}

export function sendDetailsOf(details: unknown): SendDetails {
  return isObject(details) ? details : {};
}

export function pollDetailsOf(details: unknown): PollDetails | undefined {
  return isObject(details) && typeof details['notBefore'] === 'number'
    ? { ...details, notBefore: details['notBefore'] }
    : undefined;
}
