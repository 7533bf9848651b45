/**
 * What the watcher keeps for each resource, in bytes of heap: `node --expose-gc test/watcher/measure-memory.ts`. Each made-up resource has an owner, a
 * Secret that it reads, two objects that it exports to and a stored state; the Secrets and ConfigMaps count with it.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';

import { STORAGE_VERSION, type Kind } from '../../kinds/contract.ts';
import { loadKinds } from '../../kinds/load.ts';
import { Reflector } from '../../kube/reflector.ts';
import type { Transport } from '../../kube/transport.ts';
import { configMapKey, secretKey } from '../../watcher/keys.ts';
import { WatcherState } from '../../watcher/state.ts';
import { Teller } from '../../watcher/teller.ts';

const RESOURCES = Number(process.argv[2] ?? 10_000);
const PAGE = 500;
const LISTS = ['resources', 'secrets', 'exports', 'configmaps'] as const;
type List = (typeof LISTS)[number];

const kinds = loadKinds();
const kind = kinds.find({ group: 'dbformysql.azure.com', kind: 'FlexibleServer' }) as Kind;

const namespaceOf = (index: number): string => `team-${String(index % 50)}`;
const uidOf = (list: List, index: number): string =>
  `${String(index).padStart(8, '0')}-0000-4000-8000-${list.padEnd(12, 'x')}`;

/** An object as the API server lists it, made when it is asked for: nothing of it is kept on this side. */
function objectOf(list: List, index: number): object {
  const namespace = namespaceOf(index);
  const name = { resources: 'server', secrets: 'password', exports: 'connection', configmaps: 'facts' }[list];
  const metadata = {
    name: `some-application-${name}-${String(index)}`,
    namespace,
    uid: uidOf(list, index),
    resourceVersion: String(1_000_000 + index),
    generation: 2,
    creationTimestamp: '2026-11-26T00:00:00Z',
    labels: { 'app.kubernetes.io/managed-by': 'azure-temporal-operator' },
  };
  if (list === 'secrets') return { metadata };
  if (list !== 'resources')
    return { metadata: { ...metadata, ownerReferences: [{ kind: kind.kind, uid: uidOf('resources', index) }] } };
  const id = `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/some-group/providers/${kind.armType}/some-application-server-${String(index)}`;
  return {
    metadata: {
      ...metadata,
      finalizers: ['serviceoperator.azure.com/finalizer'],
      annotations: {
        'serviceoperator.azure.com/resource-id': id,
        'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(1000),
      },
      managedFields: [
        {
          manager: 'kubectl-client-side-apply',
          operation: 'Update',
          apiVersion: `${kind.group}/v1api20210501`,
          fieldsV1: { 'f:spec': {} },
        },
      ],
    },
    spec: {
      owner: { name: `some-group-${String(index % 100)}` },
      location: 'westus2',
      version: '8.0.21',
      administratorLogin: 'myAdmin',
      administratorLoginPassword: { name: `some-application-password-${String(index)}`, key: 'password' },
      operatorSpec: {
        secrets: { fullyQualifiedDomainName: { name: `some-application-connection-${String(index)}`, key: 'host' } },
        configMaps: { fullyQualifiedDomainName: { name: `some-application-facts-${String(index)}`, key: 'host' } },
      },
    },
    status: {
      id,
      conditions: [{ type: 'Ready', status: 'True', reason: 'Succeeded', lastTransitionTime: '2026-11-26T00:00:00Z' }],
      azureTemporalOperator: {
        uid: uidOf('resources', index),
        fingerprint: `fingerprint-${String(index)}`,
        exported: [
          { kind: 'Secret', name: `some-application-connection-${String(index)}` },
          { kind: 'ConfigMap', name: `some-application-facts-${String(index)}` },
        ],
        applied: { generation: 2, apiVersion: '2021-05-01', digest: 'x'.repeat(43) },
      },
    },
  };
}

function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const url = new URL(incoming.url ?? '', 'http://localhost');
  const list = url.pathname.slice(1) as List;
  if (url.searchParams.get('watch')) {
    outgoing.writeHead(200).flushHeaders();
    return;
  }
  const from = Number(url.searchParams.get('continue') ?? 0);
  const to = Math.min(RESOURCES, from + PAGE);
  const items = Array.from({ length: to - from }, (_, index) => objectOf(list, from + index));
  outgoing.end(
    JSON.stringify({ metadata: { resourceVersion: '1', ...(to < RESOURCES && { continue: String(to) }) }, items }),
  );
}

async function heapUsed(): Promise<number> {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc?.();
    await sleep(100);
  }
  return process.memoryUsage().heapUsed;
}

const server = createServer(answer).listen(0, '127.0.0.1');
await once(server, 'listening');
const agent = new Agent();
const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
const transport: Transport = {
  send: (call) =>
    request(base + call.path, {
      method: call.method,
      dispatcher: agent,
      bodyTimeout: 0,
      ...(call.signal ? { signal: call.signal } : {}),
    }),
  close: () => agent.destroy(),
};

/** Everything that lives as long as the watcher does. */
async function fill(): Promise<{ reflectors: Reflector[]; teller: Teller; told: () => number }> {
  let told = 0;
  const state: WatcherState = new WatcherState(kinds, (key) => teller.dirty(key));
  const teller: Teller = new Teller({
    state,
    leads: () => true,
    syncPeriodMs: 3_600_000,
    pacePerSecond: 1000,
    concurrency: 20,
    tell: async () => void (told += 1),
    onFailure: () => undefined,
  });
  const reflectors = await Promise.all(
    LISTS.map(async (list) => {
      const listed = Promise.withResolvers<void>();
      const keyOf = list === 'configmaps' ? configMapKey : secretKey;
      const reflector = new Reflector(transport, {
        path: `/${list}`,
        metadataOnly: false,
        onUpsert: (object) => {
          const { name, namespace = '' } = object.metadata;
          if (list === 'resources') state.upsertResource(kind, object);
          else state.setObject(keyOf(namespace, name), object.metadata);
        },
        onGone: () => undefined,
        onListed: () => listed.resolve(),
      });
      reflector.start();
      await listed.promise;
      return reflector;
    }),
  );
  teller.listed();
  teller.lead();
  return { reflectors, teller, told: () => told };
}

// Shapes and code that is compiled once are not what a resource costs.
kinds.shapeFor(kind, { versionName: `v1api20210501`, spec: {} }).inputs({});
console.error(`${STORAGE_VERSION} of ${kind.kind}, ${String(RESOURCES)} resources`);
const before = await heapUsed();
const filled = await fill();
// All have another fingerprint than the stored one: each is told once, and what is kept of that counts too.
while (filled.told() < RESOURCES) await sleep(50);
const after = await heapUsed();
console.log(JSON.stringify({ resources: RESOURCES, bytesEach: Math.round((after - before) / RESOURCES) }));
await Promise.all([...filled.reflectors.map((reflector) => reflector.stop()), filled.teller.stop()]);
await transport.close();
server.closeAllConnections();
server.close();
