import { describe, expect, it } from '@jest/globals';
import { loadKinds } from '../../kinds/load.ts';
import { ANNOTATIONS } from '../../kube/annotations.ts';
import { fingerprintOf, type Surroundings } from '../../watcher/fingerprint.ts';
import { toKnownResource } from '../../watcher/known-resource.ts';

const kinds = loadKinds();
const around: Surroundings = {
  object: (key) => ({ version: `v-${key}`, owners: '' }),
  policyOf: () => undefined,
  resource: () => undefined,
};

function fingerprintWith(annotations: Record<string, string>): string {
  const kind = kinds.find({ group: 'dbformysql.azure.com', kind: 'FlexibleServer' })!;
  const metadata = { name: 'x', namespace: 'n', uid: 'u', generation: 3, resourceVersion: '1', annotations };
  const spec = { administratorLoginPassword: { name: 's', key: 'k' } };
  const object = { apiVersion: 'dbformysql.azure.com/v1storage', kind: 'FlexibleServer', metadata, spec };
  return fingerprintOf(toKnownResource(kinds, { kind, object, before: undefined, shared: (key) => key }), around);
}

describe('the fingerprint', () => {
  it.each(Object.values(ANNOTATIONS))('$name: wakes $wakes', ({ name, wakes }) => {
    expect(fingerprintWith({ [name]: 'another' }) !== fingerprintWith({})).toBe(wakes);
  });

  // It stands on each resource: another one would wake all of them after an upgrade.
  it.each([
    { annotations: {}, want: 'p_aEVd58tBhwP7Tx' },
    {
      annotations: {
        [ANNOTATIONS.reconcilePolicy.name]: 'skip',
        [ANNOTATIONS.reconcileRequestedAt.name]: 'now',
      },
      want: 's6aZcN8X_q_y5b9K',
    },
  ])('is what earlier releases stored: $want', ({ annotations, want }) => {
    expect(fingerprintWith(annotations)).toBe(want);
  });
});
