import { describe, expect, it } from '@jest/globals';
import { loadKinds } from '../../kinds/load.ts';
import { ANNOTATIONS } from '../../kube/annotations.ts';
import { fingerprintOf, type ClusterView } from '../../watcher/fingerprint.ts';
import { toKnownResource } from '../../watcher/known-resource.ts';

const kinds = loadKinds();
const cluster: ClusterView = {
  object: (key) => ({ version: `v-${key}`, owners: '' }),
  policyOf: () => undefined,
  resource: () => undefined,
};

function fingerprintWith(annotations: Record<string, string>): string {
  const kind = kinds.find({ group: 'dbformysql.azure.com', kind: 'FlexibleServer' })!;
  const metadata = { name: 'x', namespace: 'n', uid: 'u', generation: 3, resourceVersion: '1', annotations };
  const spec = { administratorLoginPassword: { name: 's', key: 'k' } };
  const object = { apiVersion: 'dbformysql.azure.com/v1storage', kind: 'FlexibleServer', metadata, spec };
  return fingerprintOf(toKnownResource(kinds, { kind, object, before: undefined, shared: (key) => key }), cluster);
}

describe('the fingerprint', () => {
  it.each(Object.values(ANNOTATIONS))('$name: wakes $wakes', ({ name, wakes }) => {
    expect(fingerprintWith({ [name]: 'another' }) !== fingerprintWith({})).toBe(wakes);
  });

  // The fingerprint is stored on each resource: a different one would reconcile all of them after an upgrade.
  it.each([
    { annotations: {}, want: 'p_aEVd58tBhwP7Tx' },
    {
      annotations: {
        [ANNOTATIONS.reconcilePolicy.name]: 'skip',
        [ANNOTATIONS.reconcileRequestedAt.name]: 'now',
      },
      want: 's6aZcN8X_q_y5b9K',
    },
  ])('equals the one that earlier releases stored: $want', ({ annotations, want }) => {
    expect(fingerprintWith(annotations)).toBe(want);
  });
});
