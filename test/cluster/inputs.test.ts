import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { workflowId } from '../../contract/resource-ref.ts';
import { progress } from '../../contract/signals.ts';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, flexibleServer, openScene, readyGroup, resourceGroup, secret, type Scene } from './scene.ts';

describe('the condition names the field of a spec or the input that is wrong', () => {
  let scene: Scene;
  let connection: Connection;
  beforeAll(async () => {
    scene = await openScene('inputs');
    connection = await Connection.connect({ address: scene.env.stack.temporalAddress });
    await readyGroup(scene);
  }, 60_000);
  afterAll(async () => {
    await connection?.close();
    scene.close();
  });

  const sent = async (name: string) => await scene.requests({ path: new RegExp(`/${name}\\b`, 'i') });

  it.each([
    {
      name: 'name',
      operatorSpec: { secrets: { primaryMasterKey: { name: 'Upper_Case', key: 'key' } } },
      message: /spec\.operatorSpec\.secrets\.primaryMasterKey\.name.*lower-case/,
    },
    {
      name: 'key',
      operatorSpec: { secrets: { primaryMasterKey: { name: 'out', key: 'a b' } } },
      message: /spec\.operatorSpec\.secrets\.primaryMasterKey\.key.*letters, digits/,
    },
    {
      name: 'expression',
      operatorSpec: { configMapExpressions: [{ name: 'out', key: 'k', value: '"a" + self.status.' }] },
      message: /spec\.operatorSpec\.configMapExpressions\[0\]\.value.*\d/,
    },
  ])('a destination or expression that cannot be: the $name, before Azure is called (row 30)', async (row) => {
    const { env, namespace } = scene;
    const manifest = databaseAccount(namespace, `bad-${row.name}-${namespace}`, { operatorSpec: row.operatorSpec });
    await env.apply(manifest);
    const failed = await env.waitForCondition(keyOf(manifest), {
      status: 'False',
      severity: 'Error',
      reason: 'InvalidSpec',
    });
    expect(readyOf(failed)?.message).toMatch(row.message);
    expect(await sent(manifest.metadata.name)).toEqual([]);
  });

  it('a status that is too large for the API server omits fields, and the condition names them (row 30)', async () => {
    const { env, namespace } = scene;
    const tags = Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`tag-number-${i}`, `value-of-tag-${i}`]));
    const plain = resourceGroup(namespace, 'many-tags');
    const group: Manifest = { ...plain, spec: { location: 'westus2', tags } };
    // Created, not applied: the applied field set of so many tags is as large again.
    await env.kube.call(
      'POST',
      `/apis/resources.azure.com/v1api20200601/namespaces/${namespace}/resourcegroups`,
      group,
    );
    const ready = await env.waitForReady(keyOf(group));
    expect(readyOf(ready)?.message).toMatch(/leaves out tags/);
    expect(ready.status?.['id']).toMatch(/many-tags$/);
    expect(ready.status?.['tags']).toBeUndefined();
  }, 60_000);

  it.each([
    { value: '', reason: 'InputEmpty', says: /is empty/, why: 'Azure would say that the field is missing' },
    { value: '//79/A==', reason: 'InputNotText', says: /not UTF-8/, why: 'bytes would be replaced in silence' },
  ])('a password of which $why is $reason, and is waited for (row 44)', async ({ value, reason, says }) => {
    const { env, namespace } = scene;
    const name = reason.toLowerCase();
    const input = secret(namespace, name, {});
    await env.apply({ ...input, data: { password: value } });
    const administratorLoginPassword = { name, key: 'password' };
    const server = flexibleServer(namespace, `${name}-${namespace}`, { administratorLoginPassword });
    await env.apply(server);
    const waiting = await env.waitForCondition(keyOf(server), { status: 'False', severity: 'Warning', reason });
    expect(readyOf(waiting)?.message).toMatch(says);
    expect(readyOf(waiting)?.message).toContain(`Secret ${namespace}/${name}`);
    expect(readyOf(waiting)?.message).toContain('spec.administratorLoginPassword');
    expect(await sent(server.metadata.name)).toEqual([]);
  });

  it('owners that form a cycle: the condition names the cycle (row 44)', async () => {
    const { env, namespace } = scene;
    const maps = (name: string, owner: string): Manifest => ({
      apiVersion: 'generic.azure-temporal-operator.io/v1',
      kind: 'GenericResource',
      metadata: { name, namespace },
      spec: {
        type: 'Microsoft.Maps/accounts/creators',
        apiVersion: '2023-06-01',
        owner: { group: 'generic.azure-temporal-operator.io', kind: 'GenericResource', name: owner },
        body: { location: 'westus2' },
      },
    });
    await env.apply(maps('hen', 'egg'));
    await env.apply(maps('egg', 'hen'));
    const failed = await env.waitForCondition(keyOf(maps('hen', 'egg')), { status: 'False', reason: 'OwnerCycle' });
    expect(readyOf(failed)?.message).toMatch(/hen.*egg.*hen/);
  }, 60_000);

  it('the progress query returns the last error while attempts fail (row 44)', async () => {
    const { env, namespace } = scene;
    const manifest = databaseAccount(namespace, `asks-${namespace}`);
    const { name } = manifest.metadata;
    const code = 'SomethingNobodyKnows';
    await scene.fault({ method: 'PUT', path: `/${name}`, times: 3, status: 500, code, message: 'We are at a loss.' });
    await env.apply(manifest);
    await env.waitForCondition(keyOf(manifest), { status: 'False', reason: code });
    const id = workflowId({ group: 'documentdb.azure.com', kind: 'DatabaseAccount', namespace, name });
    const run = new Client({ connection }).workflow.getHandle(id);
    const answer = await waitFor(async () => {
      const now = await run.query(progress);
      return now.lastError === null ? undefined : now;
    }, 10_000);
    expect(answer).toMatchObject({ step: 'createOrUpdate', lastError: { reason: code } });
    expect(answer.lastError?.message).toContain('We are at a loss.');
  }, 60_000);
});
