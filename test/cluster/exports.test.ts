import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import { storageKeys } from '../../simulator/keys.ts';
import { keyOf, readyOf } from '../support/environment.ts';
import { flexibleServer, openScene, readyGroup, secret, secretValues, type Scene } from './scene.ts';

describe('exports and expressions', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene('exports');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  function account(name: string, operatorSpec: object): Manifest {
    return {
      apiVersion: 'storage.azure.com/v1api20230101',
      kind: 'StorageAccount',
      metadata: { name, namespace: scene.namespace },
      spec: {
        location: 'westus2',
        kind: 'StorageV2',
        sku: { name: 'Standard_LRS' },
        owner: { name: 'rg' },
        operatorSpec,
      },
    };
  }
  const configMap = (name: string) =>
    scene.env.kube.get({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace: scene.namespace });
  const unique = (prefix: string): string => `${prefix}${scene.namespace.replace(/\W/g, '')}`;

  it('call listKeys once, however many values and expressions need its output', async () => {
    const name = unique('keys');
    const storage = account(name, {
      secrets: {
        key1: { name: 'out', key: 'first' },
        key2: { name: 'out', key: 'second' },
        blobEndpoint: { name: 'out', key: 'blob' },
      },
      secretExpressions: [
        {
          name: 'out',
          key: 'connection',
          value: '"AccountName=" + self.metadata.name + ";AccountKey=" + secret.key1',
          labels: { team: '"red"' },
        },
      ],
      configMapExpressions: [
        { name: 'info', value: '{"kind": self.spec.kind, "blob": self.status.primaryEndpoints.blob}' },
        // ASO's webhook writes azureName into the spec; the user did not.
        { name: 'info', key: 'self', value: 'self.apiVersion + " " + self.kind + " " + self.spec.azureName' },
      ],
    });
    await scene.env.apply(storage);
    await scene.env.waitForReady(keyOf(storage), 60_000);
    const { key1, key2 } = storageKeys(name);
    const values = await secretValues(scene, 'out');
    expect(values).toEqual({
      first: key1,
      second: key2,
      blob: expect.stringMatching(/^https:\/\//),
      connection: `AccountName=${name};AccountKey=${key1}`,
    });
    expect((await configMap('info'))?.data).toEqual({
      kind: 'StorageV2',
      blob: values?.['blob'],
      self: `storage.azure.com/v1api20230101 StorageAccount ${name}`,
    });
    expect(await scene.requests({ method: 'POST', path: /listKeys/i })).toHaveLength(1);
  }, 90_000);

  it('name the expression that fails in the condition, and are written when it is corrected', async () => {
    const name = unique('bad');
    const wrong = (value: string): Manifest =>
      account(name, { configMapExpressions: [{ name: 'mended', key: 'x', value }] });
    await scene.env.apply(wrong('self.status.nothing'));
    const failed = await scene.env.waitForCondition(
      keyOf(wrong('')),
      { status: 'False', severity: 'Warning', reason: 'Failed' },
      60_000,
    );
    expect(readyOf(failed)?.message).toBe('cannot export operatorSpec.configMapExpressions[0]: No such key: nothing');
    await scene.env.apply(wrong('self.metadata.name'));
    await scene.env.waitForReady(keyOf(wrong('')), 60_000);
    expect((await configMap('mended'))?.data).toEqual({ x: name });
  }, 120_000);

  it('include the host name and login of a MySQL server', async () => {
    await scene.env.apply(secret(scene.namespace, 'server-admin-pw', { password: 'Some-1-Password' }));
    const name = `out-${scene.namespace}`;
    const server = flexibleServer(scene.namespace, name, {
      operatorSpec: {
        secrets: { fullyQualifiedDomainName: { name: 'mysql', key: 'host' } },
        configMaps: {
          administratorLogin: { name: 'mysql', key: 'login' },
          fullyQualifiedDomainName: { name: 'mysql', key: 'host' },
        },
      },
    });
    await scene.env.apply(server);
    await scene.env.waitForReady(keyOf(server), 60_000);
    const host = `${name}.mysql.database.azure.com`;
    expect(await secretValues(scene, 'mysql')).toEqual({ host });
    expect((await configMap('mysql'))?.data).toEqual({ host, login: 'myAdmin' });
  }, 90_000);
});
