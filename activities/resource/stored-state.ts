import {
  STORED_STATE,
  type Applied,
  type Claim,
  type ClaimedCredential,
  type StoredOperation,
  type StoredState,
} from '../../contract/stored-state.ts';
import { isObject } from '../../kinds/json.ts';
import type { KubeObject } from '../../kube/contract.ts';

/**
 * What an earlier run stored on the resource; undefined if it belongs to another uid or has an unknown form. Ignoring
 * it costs at most a comparison and a PUT that changes nothing.
 */
export function storedStateOf(object: KubeObject): StoredState | undefined {
  const stored = object.status?.[STORED_STATE];
  if (!isObject(stored) || stored['uid'] !== object.metadata.uid || !isOrder(stored['order'])) return undefined;
  const {
    fingerprint,
    applied,
    sending,
    operation,
    exported,
    claim,
    blockedBy,
    refused,
    workflowId,
    nextAttempt,
    order,
  } = stored;
  return {
    uid: object.metadata.uid,
    order,
    ...(typeof fingerprint === 'string' && { fingerprint }),
    ...(isApplied(applied) && { applied }),
    ...(typeof sending === 'string' && { sending }),
    ...(isOperation(operation) && { operation }),
    ...(Array.isArray(exported) && { exported: exported.filter(isExported) }),
    ...(claim !== undefined && { claim: isClaim(claim) ? claim : UNREADABLE }),
    ...(typeof blockedBy === 'string' && { blockedBy }),
    ...(refused === true && { refused }),
    ...(typeof workflowId === 'string' && { workflowId }),
    ...(typeof nextAttempt === 'string' && { nextAttempt }),
  };
}

function isOrder(value: unknown): value is StoredState['order'] {
  return isObject(value) && typeof value['scheduledAt'] === 'number' && typeof value['step'] === 'number';
}

function isApplied(value: unknown): value is Applied & { [key: string]: never } {
  return isObject(value) && ['generation', 'apiVersion', 'digest'].every((name) => value[name] !== undefined);
}

/**
 * A claim of another form, as a newer release may write it. It must not count as absent, as if the state were that of a
 * release without claims: no ARM id matches it, and the global credential does not replace it.
 */
const UNREADABLE: Claim = { digest: '', credential: { from: 'unknown' } };

function isClaim(value: unknown): value is Claim & { [key: string]: never } {
  return isObject(value) && typeof value['digest'] === 'string' && isClaimedCredential(value['credential']);
}

export function isClaimedCredential(value: unknown): value is ClaimedCredential & { [key: string]: never } {
  if (!isObject(value) || typeof value['from'] !== 'string') return false;
  return value['annotation'] === undefined || typeof value['annotation'] === 'string';
}

function isOperation(value: unknown): value is StoredOperation & { [key: string]: never } {
  return isObject(value) && typeof value['sealed'] === 'string' && typeof value['since'] === 'string';
}

function isExported(value: unknown): value is { kind: 'Secret' | 'ConfigMap'; name: string } {
  return isObject(value) && typeof value['kind'] === 'string' && typeof value['name'] === 'string';
}
