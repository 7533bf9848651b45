import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { applyQuirk, prepareDeletion } from '../../../activities/arm/quirks.ts';
import type { JsonObject, Shape } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';
import { azureCalls, targetOf } from '../azure-calls.ts';

const kinds = loadKinds();

function shapeOf(group: string, kind: string, apiVersion: string): Shape {
  return kinds.shape(kinds.find({ group, kind })!, apiVersion);
}

/** A step that is not cancelled. */
function given(payload: JsonObject): Parameters<typeof applyQuirk>[2] {
  return { payload, existing: undefined, step: { sleep: async (ms) => await sleep(ms) } };
}

describe('applyQuirk', () => {
  const vault = shapeOf('keyvault.azure.com', 'Vault', '2023-07-01');
  const target = targetOf('/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v', '2023-07-01');
  const lingering = '/subscriptions/s/providers/Microsoft.KeyVault/locations/westus/deletedVaults/v';
  const payload = (createMode: string): JsonObject => ({ location: 'westus', properties: { createMode } });
  const deleted = { status: 200, body: { properties: { vaultId: target.armId } } };

  it('purges a deleted vault of the name, waits until it is gone, and then creates the vault', async () => {
    const { access, asked } = azureCalls([deleted, { status: 202 }, deleted, { status: 404 }, { status: 404 }]);
    const sent = await applyQuirk({ shape: vault, arm: access.arm }, target, given(payload('purgeThenCreate')));
    expect(sent).toEqual(payload('default'));
    const at = '?api-version=2023-07-01';
    expect(asked()).toEqual([
      `GET ${lingering}${at}`,
      `POST ${lingering}/purge${at}`,
      ...Array<string>(3).fill(`GET ${lingering}${at}`),
    ]);
  }, 10_000);

  it('recovers a deleted vault', async () => {
    const { access } = azureCalls([deleted]);
    expect(await applyQuirk({ shape: vault, arm: access.arm }, target, given(payload('createOrRecover')))).toEqual(
      payload('recover'),
    );
  });

  it('fails if the vault cannot be recovered', async () => {
    const elsewhere = target.armId.replace('/rg/', '/other/');
    const { access } = azureCalls([{ status: 200, body: { properties: { vaultId: elsewhere } } }]);
    const applied = applyQuirk({ shape: vault, arm: access.arm }, target, given(payload('createOrRecover')));
    await expect(applied).rejects.toMatchObject({ reason: 'Failed', retry: 'Fatal', severity: 'Error' });
  });

  it('looks up a role by its name, quoted', async () => {
    const shape = shapeOf('authorization.azure.com', 'RoleAssignment', '2022-04-01');
    const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Authorization/roleAssignments/r';
    const { access, asked } = azureCalls([{ status: 200, body: { value: [] } }]);
    const applied = applyQuirk(
      { shape, arm: access.arm },
      targetOf(id, '2022-04-01'),
      given({ properties: { roleDefinitionId: "It's" } }),
    );
    await expect(applied).rejects.toMatchObject({ reason: 'ReferenceNotFound', severity: 'Warning', retry: 'Slow' });
    const filter = encodeURIComponent("roleName eq 'It''s'");
    expect(asked()).toEqual([
      `GET /subscriptions/s/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01&$filter=${filter}`,
    ]);
  });

  it('does not change the payload of other kinds and calls nothing', async () => {
    const shape = shapeOf('resources.azure.com', 'ResourceGroup', '2020-06-01');
    const { access, asked } = azureCalls([]);
    const plain = { location: 'westus' };
    expect(await applyQuirk({ shape, arm: access.arm }, target, given(plain))).toBe(plain);
    expect(asked()).toEqual([]);
  });
});

describe('prepareDeletion', () => {
  const alias = shapeOf('subscription.azure.com', 'Alias', '2021-10-01');
  const target = targetOf('/providers/Microsoft.Subscription/aliases/a', '2021-10-01');
  const active = { properties: { subscriptionId: 'x' } };
  const read = 'GET /subscriptions/x?api-version=2022-12-01';
  const cancel = 'POST /subscriptions/x/providers/Microsoft.Subscription/cancel?api-version=2021-10-01';

  it.each<[reason: string, answer: JsonObject, answers: { status: number; body?: JsonObject }[], asked: string[]]>([
    [
      'an active subscription costs money',
      active,
      [{ status: 200, body: { state: 'Enabled' } }, { status: 200 }],
      [read, cancel],
    ],
    ['an earlier attempt has cancelled it', active, [{ status: 200, body: { state: 'Disabled' } }], [read]],
    ['whoever may not read it learns from the POST why', active, [{ status: 404 }, { status: 200 }], [read, cancel]],
    ['Azure has not created one yet', { properties: {} }, [], []],
  ])('cancels the subscription of an alias: %s', async (_, answer, answers, asked) => {
    const calls = azureCalls(answers);
    await prepareDeletion({ shape: alias, arm: calls.access.arm }, target, answer);
    expect(calls.asked()).toEqual(asked);
  });

  it('fails, so that nothing is deleted, if Azure refuses to cancel', async () => {
    const refusal = { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } };
    const { access } = azureCalls([{ status: 200, body: { state: 'Enabled' } }, refusal]);
    await expect(prepareDeletion({ shape: alias, arm: access.arm }, target, active)).rejects.toMatchObject({
      code: 'AuthorizationFailed',
    });
  });

  it('calls nothing for other kinds', async () => {
    const shape = shapeOf('resources.azure.com', 'ResourceGroup', '2020-06-01');
    const { access, asked } = azureCalls([]);
    await prepareDeletion({ shape, arm: access.arm }, target, active);
    expect(asked()).toEqual([]);
  });
});
