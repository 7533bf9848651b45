import { readFileSync } from 'node:fs';
import type { LiveObject, Manifest, ObjectKey } from '../../dev/kube-api.ts';
import { digestOf, type LoggedRequest } from '../../simulator/request-log.ts';
import type { Json } from '../../simulator/json.ts';
import { clientFor, type Client } from '../simulator/client.ts';
import { connectEnvironment, keyOf, type Subscription, type TestEnvironment } from '../support/environment.ts';

/** A namespace with a subscription of its own, and the simulator's side of that subscription. */
export interface Scene {
  readonly env: TestEnvironment;
  readonly namespace: string;
  readonly subscription: Subscription;
  /** What Azure was asked in this subscription, oldest first. */
  requests(filter?: { method?: string; path?: RegExp }): Promise<LoggedRequest[]>;
  tell(path: string, body: Json): Promise<void>;
  /** Somebody else's hold on Azure. */
  readonly azure: Client;
  /** Operations of this subscription run until `finish`. */
  hold(): Promise<void>;
  release(): Promise<void>;
  finish(failure?: { code: string; message: string }): Promise<void>;
  /** The next requests to this subscription that match go wrong. */
  fault(fault: { method?: string; path?: string; [field: string]: Json | undefined }): Promise<void>;
  /** All faults of this subscription are forgotten. */
  heal(): Promise<void>;
  events(): Promise<LiveObject[]>;
  close(): void;
}

export async function openScene(prefix: string): Promise<Scene> {
  const env = connectEnvironment();
  const namespace = await env.createNamespace(prefix);
  const subscription = await env.useSubscription(namespace);
  const { url, caFile } = env.stack.simulator;
  const client = clientFor({ url, caPem: readFileSync(caFile, 'utf8') });
  const id = subscription.subscriptionId;
  const tell: Scene['tell'] = async (path, body) => {
    const { status, text } = await client.call('POST', `/_simulator/${path}`, body);
    if (status !== 200) throw new Error(`simulator: ${path}: ${status} ${text}`);
  };
  const finish: Scene['finish'] = (failure) => tell('operations/finish', { subscription: id, ...failure });
  return {
    env,
    namespace,
    subscription,
    azure: client,
    requests: async ({ method, path } = {}) => {
      const { json } = await client.call('GET', `/_simulator/requests?subscription=${id}`);
      const { requests } = json as unknown as { requests: LoggedRequest[] };
      return requests.filter((r) => (!method || r.method === method) && (!path || path.test(r.path)));
    },
    tell,
    hold: () => tell(`subscriptions/${id}`, { hold: true }),
    release: async () => {
      await tell(`subscriptions/${id}`, { hold: false });
      await finish();
    },
    finish,
    fault: ({ method, path = '', ...rest }) =>
      tell('faults', {
        match: { ...(method !== undefined && { method }), path: `/subscriptions/${id}/.*${path}` },
        ...(rest as Record<string, Json>),
      }),
    heal: () => tell('faults/forget', { path: id }),
    events: () => env.kube.list({ apiVersion: 'v1', kind: 'Event', namespace }),
    close: () => {
      client.close();
      env.close();
    },
  };
}

export function resourceGroup(namespace: string, name = 'rg'): Manifest {
  return {
    apiVersion: 'resources.azure.com/v1api20200601',
    kind: 'ResourceGroup',
    metadata: { name, namespace },
    spec: { location: 'westus2' },
  };
}

export function flexibleServer(namespace: string, name: string, spec: object = {}): Manifest {
  return {
    apiVersion: 'dbformysql.azure.com/v1api20210501',
    kind: 'FlexibleServer',
    metadata: { name, namespace },
    spec: {
      location: 'westus2',
      owner: { name: 'rg' },
      version: '8.0.21',
      sku: { name: 'Standard_D4ds_v4', tier: 'GeneralPurpose' },
      administratorLogin: 'myAdmin',
      administratorLoginPassword: { name: 'server-admin-pw', key: 'password' },
      storage: { storageSizeGB: 128 },
      ...spec,
    },
  };
}

export function databaseAccount(namespace: string, name: string, spec: object = {}): Manifest {
  return {
    apiVersion: 'documentdb.azure.com/v1api20210515',
    kind: 'DatabaseAccount',
    metadata: { name, namespace },
    spec: {
      location: 'westcentralus',
      owner: { name: 'rg' },
      kind: 'MongoDB',
      databaseAccountOfferType: 'Standard',
      locations: [{ locationName: 'westcentralus' }],
      ...spec,
    },
  };
}

export function secret(namespace: string, name: string, values: Record<string, string>): Manifest {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data };
}

export function secretKey(namespace: string, name: string): ObjectKey {
  return { apiVersion: 'v1', kind: 'Secret', name, namespace };
}

/** The decoded values of a Secret; undefined when it is not there. */
export async function secretValues(scene: Scene, name: string): Promise<Record<string, string> | undefined> {
  const object = await scene.env.kube.get(secretKey(scene.namespace, name));
  return (
    object &&
    Object.fromEntries(
      Object.entries(object.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    )
  );
}

/** Applies a ResourceGroup named `rg` and waits for it. */
export async function readyGroup(scene: Scene): Promise<LiveObject> {
  const manifest = resourceGroup(scene.namespace);
  await scene.env.apply(manifest);
  return scene.env.waitForReady(keyOf(manifest));
}

/** The digest that the simulator logs for the password in the body of a MySQL PUT. */
export function passwordDigest(request: LoggedRequest): unknown {
  return (request.body as { properties?: { administratorLoginPassword?: unknown } } | null)?.properties
    ?.administratorLoginPassword;
}

export { digestOf };
