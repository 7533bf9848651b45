import { describe, expect, it } from '@jest/globals';

import { appliedVersion } from '../../kube/applied-version.ts';
import type { JsonObject, ObjectMeta } from '../../kube/contract.ts';

type Entry = NonNullable<ObjectMeta['managedFields']>[number];
const spec: JsonObject = { 'f:spec': {} };
const lastApplied: JsonObject = {
  'f:metadata': { 'f:annotations': { 'f:kubectl.kubernetes.io/last-applied-configuration': {} } },
};
const entry = (fields: Partial<Entry> & { version: string; day: number }): Entry => ({
  manager: 'kubectl',
  operation: 'Update',
  apiVersion: `g/${fields.version}`,
  time: `2026-01-0${fields.day}T00:00:00Z`,
  fieldsV1: spec,
  ...fields,
});

describe('appliedVersion', () => {
  it.each<{ reason: string; entries: Entry[]; want: string | undefined }>([
    { reason: 'no managed fields: undefined', entries: [], want: undefined },
    {
      reason: 'our own writes do not count',
      entries: [entry({ version: 'v2', day: 1, manager: 'azure-temporal-operator/claim' })],
      want: undefined,
    },
    {
      reason: 'a status write does not count',
      entries: [entry({ version: 'v2', day: 1, subresource: 'status' })],
      want: undefined,
    },
    {
      reason: 'a write in the storage version does not count',
      entries: [entry({ version: 'v1storage', day: 1 })],
      want: undefined,
    },
    {
      reason: 'an apply beats a later edit',
      entries: [
        entry({ version: 'v1', day: 1, operation: 'Apply' }),
        entry({ version: 'v2', day: 2, manager: 'kubectl-edit' }),
      ],
      want: 'v1',
    },
    {
      reason: 'client-side apply beats a later patch',
      entries: [
        entry({ version: 'v1', day: 1, manager: 'kubectl-client-side-apply', fieldsV1: lastApplied }),
        entry({ version: 'v2', day: 2, manager: 'kubectl-patch' }),
      ],
      want: 'v1',
    },
    {
      reason: 'a create beats a later edit',
      entries: [
        entry({ version: 'v1', day: 1, manager: 'kubectl-create' }),
        entry({ version: 'v2', day: 2, manager: 'kubectl-edit' }),
      ],
      want: 'v1',
    },
    {
      reason: 'a replace of the whole manifest beats an earlier create',
      entries: [
        entry({ version: 'v1', day: 1, manager: 'kubectl-create' }),
        entry({ version: 'v2', day: 2, manager: 'kubectl-replace' }),
      ],
      want: 'v2',
    },
    {
      reason: 'an edit does not change the version of what an unknown client has created',
      entries: [
        entry({ version: 'v1', day: 1, manager: 'OpenAPI-Generator' }),
        entry({ version: 'v2', day: 2, manager: 'kubectl-edit' }),
      ],
      want: 'v1',
    },
    {
      reason: 'a patch is better than nothing where it is the only write that owns the spec',
      entries: [
        entry({ version: 'v1', day: 1, manager: 'kubectl-patch' }),
        entry({ version: 'v2', day: 2, manager: 'kubectl-label', fieldsV1: { 'f:metadata': {} } }),
      ],
      want: 'v1',
    },
    {
      reason: 'of two applies the newer',
      entries: [
        entry({ version: 'v1', day: 1, operation: 'Apply' }),
        entry({ version: 'v2', day: 2, operation: 'Apply' }),
      ],
      want: 'v2',
    },
    {
      reason: 'an apply of a label says nothing of the spec',
      entries: [
        entry({ version: 'v1', day: 1 }),
        entry({ version: 'v2', day: 2, operation: 'Apply', fieldsV1: { 'f:metadata': {} } }),
      ],
      want: 'v1',
    },
    {
      reason: 'without an apply or create, the newest write that owns the spec',
      entries: [entry({ version: 'v1', day: 1 }), entry({ version: 'v2', day: 2, fieldsV1: {} })],
      want: 'v1',
    },
  ])('$reason', ({ entries, want }) => {
    const metadata = { name: 'x', uid: 'u', resourceVersion: '1', managedFields: entries };
    expect(appliedVersion({ apiVersion: 'g/v1storage', kind: 'K', metadata }, 'v1storage')).toBe(want);
  });
});
