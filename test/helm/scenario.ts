import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubeApi, LiveObject, Manifest } from '../../dev/kube-api.ts';
import { DEV_CREDENTIAL } from '../../dev/start-operator.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { ROOT } from './helm.ts';

const SECONDS = 1_000;
const REQUESTED_AT = 'azure-temporal-operator.io/reconcile-requested-at';

/** The guide's manifests in a namespace; the account exports a value to a ConfigMap too. */
export function guide(namespace: string): Manifest[] {
  const files = ['01-resourcegroup', '02-secret', '03-flexibleserver', '04-databaseaccount'];
  return files.map((file) => {
    const manifest = parse(readFileSync(join(ROOT, 'samples', `${file}.yaml`), 'utf8')) as Manifest;
    return { ...manifest, metadata: { ...manifest.metadata, namespace } };
  });
}

/** A life of resources that needs every right of worker and watcher once. */
export async function runScenario(kube: KubeApi, namespace: string): Promise<void> {
  const data = Object.fromEntries(
    Object.entries(DEV_CREDENTIAL).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const credential: Manifest = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'aso-credential', namespace },
    data,
  };
  await kube.apply(credential);
  const [group, password, server, account] = guide(namespace) as [Manifest, Manifest, Manifest, Manifest];
  const exporting = withExports(account);
  for (const manifest of [group, password, server, exporting]) await kube.apply(manifest);
  const resources = [group, server, exporting];
  for (const manifest of resources) await ready(kube, manifest);
  const last = administrator(namespace, server.metadata.name);
  for (const manifest of [last, sid(namespace, 'administrator')]) await kube.apply(manifest);
  await ready(kube, last);
  resources.push(last);
  await takeBack(kube, exporting);
  await twice(kube, group);
  for (const manifest of resources) await kube.delete(keyOf(manifest));
  for (const manifest of resources) await gone(kube, manifest);
  await kube.delete(keyOf(credential));
  await gone(kube, credential);
}

/** Takes a value from the ConfigMap `name`. */
export function administrator(namespace: string, server: string, name = 'administrator'): Manifest {
  const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i';
  return {
    apiVersion: 'dbformysql.azure.com/v1api20230630',
    kind: 'FlexibleServersAdministrator',
    metadata: { name, namespace },
    spec: {
      owner: { name: server },
      administratorType: 'ActiveDirectory',
      login: 'admin',
      sidFromConfig: { name, key: 'sid' },
      tenantId: '22222222-2222-2222-2222-222222222222',
      identityResourceReference: { armId: id },
    },
  };
}

export function sid(namespace: string, name: string): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { sid: 'any' } };
}

export function withExports(account: Manifest, name = 'account-info'): Manifest {
  const spec = account['spec'] as { operatorSpec: object };
  const configMapExpressions = [{ name, key: 'endpoint', value: 'self.status.documentEndpoint' }];
  return { ...account, spec: { ...spec, operatorSpec: { ...spec.operatorSpec, configMapExpressions } } };
}

/** A second resource names the same group in Azure: it is told who manages it. */
async function twice(kube: KubeApi, group: Manifest): Promise<void> {
  const spec = { ...(group['spec'] as object), azureName: group.metadata.name };
  const second: Manifest = { ...group, metadata: { ...group.metadata, name: 'second' }, spec };
  await kube.apply(second);
  await waitFor(async () => {
    const object = await kube.get(keyOf(second));
    return object && readyOf(object)?.reason === 'AlreadyManaged';
  }, 60 * SECONDS);
  await kube.delete(keyOf(second));
  await gone(kube, second);
}

/** Somebody edits what was exported, twice: it is taken back, and an Event says so, the second time as a series. */
async function takeBack(kube: KubeApi, account: Manifest): Promise<void> {
  const { namespace = '' } = account.metadata;
  const secret: Manifest = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'mysecret', namespace },
    data: { primarymasterkey: Buffer.from('edited').toString('base64') },
  };
  for (const turn of ['first', 'second']) {
    await kube.apply(secret, 'somebody');
    await kube.patch(keyOf(account), { metadata: { annotations: { [REQUESTED_AT]: turn } } });
    await waitFor(
      async () =>
        (await kube.get(keyOf(secret)))?.data?.['primarymasterkey'] !== secret['data']?.['primarymasterkey' as never],
      30 * SECONDS,
    );
  }
}

/** @param since waits for a Ready of a later resourceVersion than this one */
export async function ready(
  kube: KubeApi,
  manifest: Manifest,
  timeoutMs = 60 * SECONDS,
  since?: string,
): Promise<LiveObject> {
  let last: LiveObject | undefined;
  return await waitFor(async () => {
    last = await kube.get(keyOf(manifest));
    return last && last.metadata.resourceVersion !== since && readyOf(last)?.status === 'True' ? last : undefined;
  }, timeoutMs).catch((error: unknown) => {
    const condition = last && readyOf(last);
    throw new Error(`${manifest.metadata.name} is not Ready: ${JSON.stringify(condition)}`, { cause: error });
  });
}

async function gone(kube: KubeApi, manifest: Manifest): Promise<void> {
  await waitFor(async () => (await kube.get(keyOf(manifest))) === undefined, 60 * SECONDS).catch((error: unknown) => {
    throw new Error(`${manifest.kind} ${manifest.metadata.name} is not gone`, { cause: error });
  });
}
