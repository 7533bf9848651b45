import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { STORED_STATE, type StoredState } from '../../../contract/stored-state.ts';
import {
  account,
  ACCEPTED,
  generic,
  keyOf,
  REFUSED,
  startPolicyCluster,
  type PolicyCluster,
} from './policy-cluster.ts';

describe('the admission policy', () => {
  let cluster: PolicyCluster;

  beforeAll(async () => {
    cluster = await startPolicyCluster();
  }, 120_000);
  afterAll(() => cluster.stop());

  const change = (name: string, spec: object) => cluster.api.patch(keyOf(account(name), name), { spec });

  const ROWS: { reason: string; stored: StoredState | undefined; denied: boolean }[] = [
    { reason: 'Azure has accepted it', stored: ACCEPTED, denied: true },
    { reason: 'it is claimed, and nobody knows yet what Azure says', stored: undefined, denied: true },
    { reason: 'Azure has refused it, so there is nothing under the old name (row 42)', stored: REFUSED, denied: false },
  ];
  it.each(ROWS)(
    'for azureName and owner: $reason',
    async ({ stored, denied }) => {
      const name = `row-${String(ROWS.findIndex((row) => row.stored === stored))}`;
      await cluster.claim(name, stored);
      for (const [field, spec] of [
        ['azureName', { azureName: 'better-name' }],
        ['owner', { owner: { name: 'other' } }],
      ] as const) {
        const refusal = await change(name, spec).then(() => undefined, String);
        if (denied) expect(refusal).toMatch(new RegExp(`spec.${field} cannot be changed once .* detach-on-delete`));
        else expect(refusal).toBeUndefined();
      }
    },
    30_000,
  );

  it.each(ROWS)(
    "for a GenericResource's type and scope: $reason",
    async ({ stored, denied }) => {
      const name = `generic-${String(ROWS.findIndex((row) => row.stored === stored))}`;
      await cluster.claim(name, stored, generic(name));
      const key = keyOf(generic(name), name);
      for (const [field, spec] of [
        ['type', { type: 'Microsoft.Maps/accounts' }],
        ['scope', { scope: 'tenant' }],
      ] as const) {
        const refusal = await cluster.api.patch(key, { spec }).then(() => undefined, String);
        if (denied) expect(refusal).toMatch(new RegExp(`spec.${field} cannot be changed once .* detach-on-delete`));
        else expect(refusal).toBeUndefined();
      }
      await cluster.api.patch(key, { spec: { apiVersion: '2024-01-01' } });
    },
    30_000,
  );

  it('allows every other change', async () => {
    await cluster.claim('other', ACCEPTED);
    await change('other', { tags: { a: '1' } });
  }, 30_000);

  it('allows changes to a resource that is not claimed', async () => {
    await cluster.api.apply(account('unclaimed'));
    await change('unclaimed', { azureName: 'another', owner: { name: 'other' } });
  }, 30_000);

  it('reads the stored state in every version', async () => {
    await cluster.claim('kept', ACCEPTED);
    expect((await cluster.api.get(keyOf(account('kept'), 'kept')))?.status).toMatchObject({ [STORED_STATE]: ACCEPTED });
  }, 30_000);
});
