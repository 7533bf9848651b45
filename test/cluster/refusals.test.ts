import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import { databaseAccount, flexibleServer, openScene, resourceGroup, type Scene } from './scene.ts';

interface Row {
  readonly what: string;
  readonly why: string;
  readonly manifest: (namespace: string) => Manifest;
  readonly message: RegExp;
}

const exportsOf = (namespace: string, secrets: object, configMaps?: object): Manifest =>
  databaseAccount(namespace, 'refused', { operatorSpec: { secrets, ...(configMaps && { configMaps }) } });

const ROWS: readonly Row[] = [
  {
    what: 'a string for a number',
    why: 'Azure would refuse it minutes later',
    manifest: (namespace) => flexibleServer(namespace, 'refused', { storage: { storageSizeGB: 'many' } }),
    message: /spec\.storage\.storageSizeGB.*(integer|numeric)/,
  },
  {
    what: 'a password in clear',
    why: 'a secret is named, never written into the spec',
    manifest: (namespace) => flexibleServer(namespace, 'refused', { administratorLoginPassword: 'hunter2' }),
    message: /spec\.administratorLoginPassword|expected map/,
  },
  {
    what: 'a word that the enum lacks',
    why: 'the message lists what is allowed',
    manifest: (namespace) => databaseAccount(namespace, 'refused', { kind: 'Oracle' }),
    message: /spec\.kind: Unsupported value: "Oracle".*"MongoDB"/,
  },
  {
    what: 'no location',
    why: 'ASO requires it',
    manifest: (namespace) => ({ ...resourceGroup(namespace, 'refused'), spec: {} }),
    message: /spec\.location: Required value/,
  },
  {
    what: 'no owner',
    why: 'there would be no ARM id',
    manifest: (namespace) => {
      const { spec, ...rest } = flexibleServer(namespace, 'refused');
      const { owner: _, ...others } = spec as Record<string, unknown>;
      return { ...rest, spec: others };
    },
    message: /spec\.owner: Required value/,
  },
  {
    what: 'a Secret reference without its key',
    why: 'ASO requires both',
    manifest: (namespace) => flexibleServer(namespace, 'refused', { administratorLoginPassword: { name: 'pw' } }),
    message: /spec\.administratorLoginPassword\.key: Required value/,
  },
  {
    what: 'a field that does not exist',
    why: 'a slip of the keyboard must not be dropped in silence',
    manifest: (namespace) => flexibleServer(namespace, 'refused', { storge: {} }),
    message: /storge/,
  },
  {
    what: 'two exports to one key',
    why: 'one would overwrite the other',
    manifest: (namespace) =>
      exportsOf(namespace, {
        primaryMasterKey: { name: 'one', key: 'same' },
        secondaryMasterKey: { name: 'one', key: 'same' },
      }),
    message: /(same|unique|collision|one key|duplicate)/i,
  },
];

describe('the API server refuses', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene('refusals');
  }, 60_000);
  afterAll(() => scene.close());

  it.each(ROWS)('$what ($why)', async ({ manifest, message }) => {
    await expect(scene.env.apply(manifest(scene.namespace))).rejects.toThrow(message);
  });

  it('nothing that is allowed: the same key in two Secrets', async () => {
    await scene.env.apply(
      exportsOf(scene.namespace, {
        primaryMasterKey: { name: 'one', key: 'same' },
        secondaryMasterKey: { name: 'two', key: 'same' },
      }),
    );
  });
});
