import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LiveObject, Manifest } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import { prepareCluster } from '../../dev/start-operator.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { runGuideCommands } from '../support/guide-commands.ts';
import { startDurableStack, SUBSCRIPTION, type DurableStack } from './durable-stack.ts';
import { account, resourceGroup } from './manifests.ts';
import { oldRelease, type OldRelease } from './old-release.ts';

const OLD = '0.2.0';
const GROUP = 'upgrade-rg';
const KEYS = { apiVersion: 'v1', kind: 'Secret', namespace: 'default', name: 'upgrade-ready-key' };

/** `npm run test:long`. The old release's own worker and watcher run, on its own CRDs, until the new ones are there. */
describe(`from release ${OLD} to this one, and off again`, () => {
  let durable: DurableStack;
  let old: OldRelease;
  let oldParts: readonly ManagedProcess[];
  let newParts: readonly ManagedProcess[] = [];

  const group = resourceGroup(GROUP);
  const ready = account('upgrade-ready', GROUP);
  const polling = account('upgrade-polling', GROUP);
  const deleting = account('upgrade-deleting', GROUP);
  const waiting = account('upgrade-waiting', 'upgrade-later-rg');
  const backOff = resourceGroup('upgrade-back-off');
  const failed = resourceGroup('upgrade-failed');

  beforeAll(async () => {
    old = await oldRelease(OLD);
    durable = await startDurableStack({ prepare: (stack) => old.prepare(stack) });
    const { stack, environment } = durable;
    oldParts = (['worker', 'watcher'] as const).map((part) => old.start(stack, part, environment));
    await durable.kube.apply(group);
    await durable.ready(group, 60_000);
  }, 240_000);

  afterAll(async () => {
    await durable?.stop();
    await old?.remove();
  }, 60_000);

  it('runs in every state go on, and nothing is sent to Azure again', async () => {
    await bringIntoEveryState();

    // As docs/upgrades.md says: the CRDs, then the new processes beside the old ones, then the old ones end.
    await prepareCluster(durable.stack);
    const worker = durable.startWorker();
    newParts = [worker, durable.startWatcher()];
    await durable.logged(worker, 'ready');
    expect(await Promise.all(oldParts.map((part) => part.stop(30_000)))).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);

    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: false });
    await durable.simulator('POST', '/operations/finish', { subscription: SUBSCRIPTION });
    await durable.simulator('POST', '/faults/forget', { path: SUBSCRIPTION });
    await durable.ready(polling, 90_000);
    await durable.gone(keyOf(deleting), 90_000);
    await durable.kube.apply(resourceGroup('upgrade-later-rg'));
    await durable.ready(waiting, 90_000);
    await reconcileNow(backOff);
    await durable.ready(backOff, 90_000);
    await reconcileNow(failed);
    await durable.ready(failed, 90_000);
    expect(await durable.sent('PUT', 'upgrade-polling')).toBe(1);
    expect(await durable.sent('DELETE', 'upgrade-deleting')).toBe(1);
  }, 400_000);

  it('a resource that the old release made Ready stays so, is compared without a PUT, and says which generation', async () => {
    const before = await live(ready);
    expect(before.status).not.toHaveProperty('observedGeneration');
    await reconcileNow(ready);
    await waitFor(async () => (await live(ready)).status?.['observedGeneration'] === 1, 60_000);
    await durable.ready(ready, 30_000);
    expect(await durable.sent('PUT', 'upgrade-ready')).toBe(1);
  }, 120_000);

  it('an edit reaches Azure, and so does the deletion of what the old release made', async () => {
    const edited = { ...ready, spec: { ...(ready['spec'] as object), tags: { edited: 'yes' } } };
    await durable.kube.apply(edited);
    await durable.ready(edited, 60_000);
    expect(await durable.sent('PUT', 'upgrade-ready')).toBe(2);
    await durable.kube.delete(keyOf(failed));
    await durable.gone(keyOf(failed), 60_000);
    expect(await durable.sent('DELETE', 'upgrade-failed')).toBe(1);
  }, 180_000);

  it('the commands of docs/upgrades.md remove the resources, and leave Azure and the Secrets as they are', async () => {
    const before = await changes();
    await guideCommands('uninstall');
    expect(await kubectl('get', 'azure', '--all-namespaces', '-o', 'name')).toBe('');
    expect(await changes()).toEqual(before);
    expect(await durable.kube.get(KEYS)).toBeDefined();
  }, 240_000);

  it('so do those for a cluster whose operator is gone, and those that remove the rest', async () => {
    await durable.kube.apply(group);
    await durable.ready(group, 60_000);
    const before = await changes();
    for (const part of newParts) await part.kill('SIGKILL');
    await guideCommands('uninstall-without-operator');
    expect(await durable.kube.get(keyOf(group))).toBeUndefined();
    await guideCommands('uninstall-cluster');
    const names = await kubectl('get', 'customresourcedefinitions,validatingadmissionpolicies', '-o', 'name');
    expect(names).not.toMatch(/azure/);
    expect(await changes()).toEqual(before);
  }, 240_000);

  async function bringIntoEveryState(): Promise<void> {
    for (const manifest of [ready, deleting]) await durable.kube.apply(manifest);
    for (const manifest of [ready, deleting]) await durable.ready(manifest, 60_000);
    await fault('upgrade-back-off', 403, 'AuthorizationFailed');
    await fault('upgrade-failed', 400, 'InvalidRequestContent');
    for (const manifest of [waiting, backOff, failed]) await durable.kube.apply(manifest);
    await shows(waiting, 'WaitingForOwner');
    await shows(backOff, 'AuthorizationFailed');
    await shows(failed, 'InvalidRequestContent');
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: true });
    await durable.kube.apply(polling);
    await durable.kube.delete(keyOf(deleting));
    await isAt(polling, 'pollProvisioning');
    await isAt(deleting, 'pollDeletion');
  }

  async function fault(name: string, status: number, code: string): Promise<void> {
    const path = `/subscriptions/${SUBSCRIPTION}/.*${name}\\?`;
    await durable.simulator('POST', '/faults', { match: { method: 'PUT', path }, status, code, times: 50 });
  }

  async function shows(manifest: Manifest, reason: string): Promise<void> {
    await waitFor(async () => readyOf(await live(manifest))?.reason === reason, 60_000);
  }

  async function isAt(manifest: Manifest, step: string): Promise<void> {
    await waitFor(async () => (await durable.pending(manifest)).some((pending) => pending.step === step), 60_000);
  }

  async function live(manifest: Manifest): Promise<LiveObject> {
    const object = await durable.kube.get(keyOf(manifest));
    if (!object) throw new Error(`${manifest.metadata.name} is not there`);
    return object;
  }

  async function reconcileNow(manifest: Manifest): Promise<void> {
    const annotations = { 'azure-temporal-operator.io/reconcile-requested-at': new Date().toISOString() };
    await durable.kube.patch(keyOf(manifest), { metadata: { annotations } });
  }

  /** What Azure was told to change. */
  async function changes(): Promise<string[]> {
    const { requests } = await durable.simulator('GET', `/requests?subscription=${SUBSCRIPTION}`);
    const all = requests as { method: string; path: string }[];
    return all
      .filter(({ method }) => method !== 'GET' && method !== 'POST')
      .map(({ method, path }) => `${method} ${path}`);
  }

  async function kubectl(...args: string[]): Promise<string> {
    const { binaries, kubeconfig } = durable.stack;
    return (await promisify(execFile)(binaries.kubectl, ['--kubeconfig', kubeconfig, ...args])).stdout;
  }

  async function guideCommands(block: string): Promise<void> {
    const { binaries, kubeconfig } = durable.stack;
    await runGuideCommands({ page: 'upgrades.md', block }, { kubectl: binaries.kubectl, kubeconfig });
  }
});
