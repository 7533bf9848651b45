import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import type { LoggedRequest } from '../../simulator/request-log.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { startDurableStack, SUBSCRIPTION, type DurableStack } from './durable-stack.ts';
import { account, resourceGroup } from './manifests.ts';
import { startProductionTemporal, type ProductionTemporal } from './production-temporal.ts';

const GROUP = 'cluster-rg';
const GROUPS = Array.from({ length: 40 }, (_, index) => `cluster-group-${String(index)}`);
const ACCOUNTS = Array.from({ length: 20 }, (_, index) => `cluster-account-${String(index)}`);
const SETTLES_WITHIN_MS = 120_000;

/**
 * `npm run test:temporal-cluster`: it builds Temporal's production server (five minutes, once) and needs PostgreSQL.
 * Everything else in this folder runs on Temporal's dev server.
 */
describe('three workers and two watchers on Temporal’s production server with PostgreSQL and mutual TLS', () => {
  let durable: DurableStack;
  let temporal: ProductionTemporal;
  const workers: ManagedProcess[] = [];
  const watchers: ManagedProcess[] = [];

  beforeAll(async () => {
    durable = await startDurableStack({
      startTemporal: async (processes, input) => (temporal = await startProductionTemporal(processes, input)),
    });
    for (let number = 0; number < 3; number += 1) workers.push(durable.startWorker());
    for (let number = 0; number < 2; number += 1) watchers.push(durable.startWatcher());
    await durable.kube.apply(resourceGroup(GROUP));
    await durable.ready(resourceGroup(GROUP), 60_000);
  }, 900_000);

  afterAll(async () => {
    await durable?.stop();
    await temporal?.postgresql.remove();
  }, 60_000);

  it('the worker has registered its search attributes, and finds a resource by them', async () => {
    const { operatorService } = durable.client.connection;
    const { customAttributes } = await operatorService.listSearchAttributes({
      namespace: durable.client.options.namespace,
    });
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(SEARCH_ATTRIBUTES.map(({ name }) => name)));
    const query = `KubeName = '${GROUP}' AND AzureState = 'Ready' AND AzureResourceId IS NOT NULL`;
    await waitFor(async () => (await durable.client.workflow.count(query)).count === 1, 30_000);
  }, 60_000);

  it('one of each is killed under load: nothing is lost, and Azure is told once', async () => {
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: true });
    const manifests = [...GROUPS.map((name) => resourceGroup(name)), ...ACCOUNTS.map((name) => account(name, GROUP))];
    const applied = (async () => {
      for (const manifest of manifests) await durable.kube.apply(manifest);
    })();
    await waitFor(async () => (await readyCount(manifests)) >= 5, 60_000);
    await killWorker(0);
    await killLeader();
    await applied;
    await temporal.restart();
    await waitFor(async () => (await runningOperations()) >= ACCOUNTS.length / 2, 60_000);
    await killDatabase();
    await killWorker(1);
    await finish();
    for (const manifest of manifests) await durable.ready(manifest, SETTLES_WITHIN_MS);
    // An operation is never sent again.
    expect(await acceptedPuts(accounts(0))).toEqual(new Map(ACCOUNTS.map((name) => [name, 1])));
    await expectSent(GROUPS, { atLeast: 1, kills: 2 });
  }, 400_000);

  it('a deletion and an edit survive it, too', async () => {
    const deleted = [...GROUPS.slice(0, 15).map((name) => resourceGroup(name)), ...accounts(0, 8)];
    const edited = GROUPS.slice(15).map((name) => resourceGroup(name, { edited: 'yes' }));
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: true });
    for (const manifest of deleted) await durable.kube.delete(keyOf(manifest));
    for (const manifest of edited) await durable.kube.apply(manifest);
    await waitFor(async () => (await readyCount(edited)) >= 1, 60_000);
    await Promise.all([temporal.kill(), temporal.postgresql.kill(), killWorker(2), killLeader()]);
    await temporal.postgresql.start();
    await temporal.restart();
    await finish();
    for (const manifest of deleted) await durable.gone(keyOf(manifest), SETTLES_WITHIN_MS);
    for (const manifest of edited) await durable.ready(manifest, SETTLES_WITHIN_MS);
    for (const manifest of accounts(8)) await durable.ready(manifest, SETTLES_WITHIN_MS);
    await expectSent(GROUPS.slice(15), { atLeast: 2, kills: 3 });
    expect(await acceptedPuts(accounts(8))).toEqual(new Map(ACCOUNTS.slice(8).map((name) => [name, 1])));
  }, 400_000);

  const accounts = (from: number, to?: number): Manifest[] =>
    ACCOUNTS.slice(from, to).map((name) => account(name, GROUP));

  /**
   * Azure answers the PUT of a group at once. When the worker is killed before it has recorded the answer, nobody knows
   * whether Azure accepted it, so the group is sent once more; it must not be lost, nor sent more often than workers died.
   */
  async function expectSent(
    names: readonly string[],
    { atLeast, kills }: { atLeast: number; kills: number },
  ): Promise<void> {
    const sent = await acceptedPuts(names.map((name) => resourceGroup(name)));
    const counts = names.map((name) => sent.get(name) ?? 0);
    expect(Math.min(...counts)).toBe(atLeast);
    expect(Math.max(...counts)).toBeLessThanOrEqual(atLeast + kills);
    expect(counts.filter((count) => count > atLeast).length).toBeLessThan(names.length / 4);
  }

  async function killWorker(index: number): Promise<void> {
    await workers[index]?.kill('SIGKILL');
    workers[index] = durable.startWorker();
  }

  /** The watcher that leads: the other one takes over, and a new one follows. */
  async function killLeader(): Promise<void> {
    const lease = await durable.kube.get({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      namespace: 'azure-temporal-operator',
      name: 'azure-temporal-operator-watcher',
    });
    const holder = (lease?.spec as { holderIdentity: string }).holderIdentity;
    const index = watchers.findIndex(({ pid }) => holder.includes(`_${String(pid)}_`));
    expect([holder, index]).toEqual([holder, expect.any(Number)]);
    expect(index).toBeGreaterThanOrEqual(0);
    await watchers[index]?.kill('SIGKILL');
    watchers[index] = durable.startWatcher();
  }

  async function killDatabase(): Promise<void> {
    await temporal.postgresql.kill();
    await temporal.postgresql.start();
  }

  async function finish(): Promise<void> {
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: false });
    await durable.simulator('POST', '/operations/finish', { subscription: SUBSCRIPTION });
  }

  async function runningOperations(): Promise<number> {
    const { operations } = await durable.simulator('GET', `/operations?subscription=${SUBSCRIPTION}`);
    return (operations as unknown[]).length;
  }

  async function readyCount(manifests: readonly Manifest[]): Promise<number> {
    const objects = await Promise.all(manifests.map(async (manifest) => await durable.kube.get(keyOf(manifest))));
    return objects.filter((object) => {
      const ready = object && readyOf(object);
      return ready?.status === 'True' && ready.observedGeneration === object?.metadata.generation;
    }).length;
  }

  /** How many PUTs Azure has accepted for each resource. */
  async function acceptedPuts(manifests: readonly Manifest[]): Promise<Map<string, number>> {
    const { requests } = (await durable.simulator('GET', `/requests?subscription=${SUBSCRIPTION}`)) as unknown as {
      requests: LoggedRequest[];
    };
    const puts = requests.filter(({ method, status }) => method === 'PUT' && status < 300);
    return new Map(
      manifests.map(({ metadata: { name } }) => [
        name,
        puts.filter(({ path }) => new RegExp(`/${name}(\\?|$)`, 'i').test(path)).length,
      ]),
    );
  }
});
