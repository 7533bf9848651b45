import { STORED_STATE, type ExportedObject } from '../contract/stored-state.ts';
import type { KubeObject } from '../kube/contract.ts';

/** What the watcher needs of a resource's stored state. */
export interface Stored {
  readonly fingerprint: string | undefined;
  readonly exported: readonly ExportedObject[];
}

const NOTHING: Stored = { fingerprint: undefined, exported: [] };

/** Under another uid (a backup was restored) and in another form, it is as if nothing were stored. */
export function storedOf(status: KubeObject['status'], uid: string): Stored {
  const stored: unknown = status?.[STORED_STATE];
  if (!isRecord(stored) || stored['uid'] !== uid) return NOTHING;
  const { fingerprint, exported } = stored;
  return {
    fingerprint: typeof fingerprint === 'string' ? fingerprint : undefined,
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
