import { describe, expect, it } from '@jest/globals';
import type { JsonObject, Lookup, Quirk, Shape } from '../../../kinds/contract.ts';
import { GROUP_ID, newestShape, quirkDecision } from '../support/quirk-decision.ts';
import { quirkOf } from '../../../kinds/quirks/registry.ts';

function reads(shape: Shape, payload: JsonObject, existing?: JsonObject): readonly Lookup[] {
  const armId = `${GROUP_ID}/providers/${shape.kind.armType}/mine`;
  return shape.quirk.reads!({ payload, existing, armId, apiVersion: shape.apiVersion });
}

describe('a role assignment', () => {
  const shape = newestShape('authorization.azure.com', 'RoleAssignment');
  const payload = (role: string): JsonObject => ({
    name: 'mine',
    properties: { principalId: 'p', roleDefinitionId: role },
  });
  const definitions = '/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions';
  const uuid = '4d97b98b-1d4f-4787-a291-c67834d212e7';
  const role = (name: string, roleName: string, type = 'BuiltInRole'): JsonObject => ({
    name,
    properties: { roleName, type },
  });

  it('looks a role up by name, in the subscription', () => {
    expect(reads(shape, payload("Bob's Role"))).toEqual([
      { id: definitions, apiVersion: '2022-04-01', filter: "roleName eq 'Bob''s Role'" },
    ]);
  });

  it.each<[reason: string, role: string, answer: JsonObject | undefined, want: string]>([
    [
      'by its name in any case',
      'network contributor',
      { value: [role('x', 'Network'), role(uuid, 'Network Contributor')] },
      `${definitions}/${uuid}`,
    ],
    ['by its UUID', uuid, undefined, `${definitions}/${uuid}`],
    ['an id stays', `${definitions}/other`, undefined, `${definitions}/other`],
  ])('resolves the role %s', (_, given, answer, want) => {
    expect(quirkDecision(shape, { payload: payload(given), answers: [answer] })).toEqual({
      type: 'payload',
      payload: payload(want),
    });
  });

  it.each<[reason: string, answer: JsonObject | undefined]>([
    ['nobody has one of that name', { value: [] }],
    ['it is a role that somebody made', { value: [role(uuid, 'Reader', 'CustomRole')] }],
    ['Azure lists none', undefined],
  ])('waits until the role exists: %s', (_, answer) => {
    expect(quirkDecision(shape, { payload: payload('Reader'), answers: [answer] })).toMatchObject({
      type: 'refused',
      reason: 'ReferenceNotFound',
      fatal: false,
    });
  });

  it('needs no lookup for an id or a UUID', () => {
    expect([reads(shape, payload(uuid)), reads(shape, payload(`${definitions}/x`)), reads(shape, {})]).toEqual([
      [],
      [],
      [],
    ]);
  });
});

describe('a key vault', () => {
  const shape = newestShape('keyvault.azure.com', 'Vault');
  const payload = (createMode?: string): JsonObject => ({
    name: 'mine',
    location: 'West US 2',
    properties: { tenantId: 't', ...(createMode !== undefined && { createMode }) },
  });
  const lingering = '/subscriptions/s/providers/Microsoft.KeyVault/locations/westus2/deletedVaults/mine';
  const deletedIn = (resourceGroup: string): JsonObject => ({
    properties: {
      vaultId: `/subscriptions/s/resourceGroups/${resourceGroup}/providers/Microsoft.KeyVault/vaults/mine`,
    },
  });

  it.each<[reason: string, mode: string, answer: JsonObject | undefined, want: string]>([
    ['nothing to recover', 'createOrRecover', undefined, 'default'],
    ['the deleted one comes back', 'createOrRecover', deletedIn('RG'), 'recover'],
    ['nothing to purge', 'purgeThenCreate', undefined, 'default'],
    ["recover is Azure's own word", 'recover', undefined, 'recover'],
    ['default too', 'default', undefined, 'default'],
  ])('%s: %s', (_, mode, answer, want) => {
    expect(quirkDecision(shape, { payload: payload(mode), answers: [answer] })).toEqual({
      type: 'payload',
      payload: payload(want),
    });
  });

  it('is purged before it is created again', () => {
    expect(quirkDecision(shape, { payload: payload('purgeThenCreate'), answers: [deletedIn('rg')] })).toEqual({
      type: 'remove',
      lookup: { id: lingering, apiVersion: shape.apiVersion },
      action: 'purge',
    });
  });

  it('cannot be recovered into another group', () => {
    expect(quirkDecision(shape, { payload: payload('createOrRecover'), answers: [deletedIn('other')] })).toMatchObject({
      type: 'refused',
      fatal: true,
    });
  });

  it('looks for a deleted vault only when there is no vault and the mode needs it', () => {
    expect(reads(shape, payload('createOrRecover'))).toEqual([{ id: lingering, apiVersion: shape.apiVersion }]);
    expect([
      reads(shape, payload('createOrRecover'), {}),
      reads(shape, payload('default')),
      reads(shape, payload()),
    ]).toEqual([[], [], []]);
  });

  it('that exists is updated, whatever the mode is', () => {
    expect(quirkDecision(shape, { payload: payload('createOrRecover'), existing: {} })).toEqual({
      type: 'payload',
      payload: payload('default'),
    });
  });
});

describe('refusals for which a kind has a rule of its own', () => {
  const cosmos = { group: 'documentdb.azure.com', kind: 'DatabaseAccount' };
  const highDemand = 'Sorry, we are currently experiencing high demand in this region';
  it.each<
    [
      why: string,
      id: { group: string; kind: string },
      code: string,
      message: string,
      want: ReturnType<NonNullable<Quirk['retryOf']>>,
    ]
  >([
    ['retrying breaks the account', cosmos, 'ServiceUnavailable', highDemand, 'Fatal'],
    ['another unavailability of the account', cosmos, 'ServiceUnavailable', 'm', undefined],
    ['other kinds may retry', { ...cosmos, kind: 'SqlDatabase' }, 'ServiceUnavailable', highDemand, undefined],
    [
      'compute quota may be raised',
      { group: 'compute.azure.com', kind: 'VirtualMachine' },
      'OperationNotAllowed',
      'm',
      'Slow',
    ],
    [
      'that of a scale set too',
      { group: 'compute.azure.com', kind: 'VirtualMachineScaleSet' },
      'OperationNotAllowed',
      'm',
      'Slow',
    ],
    ['elsewhere the code means anything', cosmos, 'OperationNotAllowed', 'm', undefined],
  ])('%s', (_, id, code, message, want) => {
    expect(quirkOf(id).retryOf?.({ status: 400, code, message })).toBe(want);
  });
});

describe('a backup instance', () => {
  const shape = newestShape('dataprotection.azure.com', 'BackupVaultsBackupInstance');
  const armId = `${GROUP_ID}/providers/Microsoft.DataProtection/backupVaults/v/backupInstances/i`;
  const readiness = (protectionStatus?: JsonObject) =>
    shape.quirk.readiness!({
      answer: { properties: protectionStatus === undefined ? {} : { protectionStatus } },
      armId,
      apiVersion: shape.apiVersion,
    });

  it.each<[reason: string, status: JsonObject | undefined]>([
    ['it is protected', { status: 'ProtectionConfigured' }],
    ['in any case of letters', { status: 'protectionconfigured' }],
    ['the user stopped it', { status: 'ProtectionStopped' }],
    ['Azure shows no status', undefined],
  ])('is ready: %s', (_, status) => {
    expect(readiness(status)).toEqual({ type: 'ready' });
  });

  it.each<[reason: string, status: JsonObject, syncs: boolean, message: RegExp]>([
    ['Azure still works', { status: 'ConfiguringProtection' }, false, /status is ConfiguringProtection;/],
    ['it will never be protected like this', { status: 'ConfiguringProtectionFailed' }, false, /Failed;/],
    [
      'the user can correct it, so Azure waits for a sync',
      { status: 'ProtectionError', errorDetails: { code: 'UserErrorMissingPermissions', message: 'No access.' } },
      true,
      /ProtectionError \(UserErrorMissingPermissions: No access\.\);/,
    ],
    ['an error without a code', { status: 'ProtectionError' }, true, /ProtectionError;/],
    [
      'Azure retries its own errors',
      { status: 'ProtectionError', errorDetails: { code: 'CloudServiceRetryableError' } },
      false,
      /CloudServiceRetryableError/,
    ],
  ])('is not ready: %s', (_, status, syncs, message) => {
    const sync = { id: armId, apiVersion: shape.apiVersion, action: 'sync', body: { syncType: 'Default' } };
    expect(readiness(status)).toEqual({
      type: 'notReady',
      message: expect.stringMatching(message),
      ...(syncs && { action: sync }),
    });
  });
});

describe('a product of API Management', () => {
  it('is deleted with its subscriptions', () => {
    const { quirk } = newestShape('apimanagement.azure.com', 'Product');
    expect(quirk.deleteOptions).toEqual({ query: { deleteSubscriptions: 'true' }, ifMatch: '*' });
  });
});
