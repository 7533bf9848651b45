import { STORED_STATE, type ExportedObject } from '../contract/stored-state.ts';
import type { KubeObject } from '../kube/contract.ts';

/** The part of a resource's stored state that the watcher uses. */
export interface WatchedState {
  readonly fingerprint: string | undefined;
  readonly exported: readonly ExportedObject[];
  /** The workflow id of the resource that manages the same resource in Azure. */
  readonly blockedBy: string | undefined;
}

const NOTHING: WatchedState = { fingerprint: undefined, exported: [], blockedBy: undefined };

/**
 * Reads the stored state. State with another uid (restored from a backup) or of an unexpected form counts as absent.
 */
export function readStoredState(status: KubeObject['status'], uid: string): WatchedState {
  const stored: unknown = status?.[STORED_STATE];
  if (!isRecord(stored) || stored['uid'] !== uid) return NOTHING;
  const { fingerprint, exported, blockedBy } = stored;
  return {
    fingerprint: typeof fingerprint === 'string' ? fingerprint : undefined,
    blockedBy: typeof blockedBy === 'string' ? blockedBy : undefined,
    exported: Array.isArray(exported) ? exported.filter(isExported) : [],
  };
}

function isExported(entry: unknown): entry is ExportedObject {
  if (!isRecord(entry)) return false;
  return (entry['kind'] === 'Secret' || entry['kind'] === 'ConfigMap') && typeof entry['name'] === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
