import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { resourceGroup } from './manifests.ts';
import { startWatcherStack } from './watcher-stack.ts';
import type { WatcherStack } from './watcher-stack.ts';

const server = (name: string): Manifest => ({
  apiVersion: 'dbformysql.azure.com/v1api20210501',
  kind: 'FlexibleServer',
  metadata: { name, namespace: 'default' },
  spec: {
    location: 'westus2',
    owner: { name: 'tells' },
    operatorSpec: { secrets: { fullyQualifiedDomainName: { name: `${name}-out`, key: 'host' } } },
  },
});
const secret = (name: string, owner?: object): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'default', ...(owner && { ownerReferences: [owner] }) },
});
/** Long enough for a signal that must not come. */
const QUIET_MS = 1_500;

describe('which resources the watcher signals', () => {
  let world: WatcherStack;
  let watcher: ManagedProcess;
  const restart = async (environment: Record<string, string> = {}): Promise<void> => {
    watcher = world.startWatcher(environment);
    await world.logged(watcher, 'watching');
    await world.logged(watcher, 'leading');
  };

  /** The line in the log comes after the signal. */
  const toldAtLast = async (manifest: Manifest, reasons: string[]): Promise<void> => {
    await waitFor(() => world.told(watcher, manifest).length >= reasons.length, 2_000);
    expect(world.told(watcher, manifest)).toEqual(reasons);
  };

  beforeAll(async () => {
    world = await startWatcherStack();
    await restart();
  }, 120_000);

  afterAll(async () => {
    await world?.stop();
  }, 30_000);

  it('a new resource, once, and not for the status that its own reconcile writes', async () => {
    const group = resourceGroup('tells');
    await world.kube.apply(group);
    await world.opened(group);
    await world.endRun(group, { ready: true });
    await sleep(QUIET_MS);
    expect(await world.isOpen(group)).toBe(false);
    expect(world.told(watcher, group)).toEqual(['changed']);
  }, 20_000);

  it('after a restart, only resources whose stored fingerprint differs from the current one', async () => {
    const idle = resourceGroup('restart-idle');
    const failed = resourceGroup('restart-failed');
    const edited = resourceGroup('restart-edited');
    const open = resourceGroup('restart-open');
    for (const group of [idle, failed, edited, open]) {
      await world.kube.apply(group);
      await world.opened(group);
    }
    await world.endRun(idle, { ready: true });
    await world.endRun(failed, { ready: false });
    await world.endRun(edited, { ready: true });
    await watcher.kill('SIGKILL');
    await world.kube.apply(resourceGroup('restart-edited', { changed: 'while-down' }));
    await restart();
    await world.opened(edited);
    await waitFor(() => world.told(watcher, open).length > 0);
    await sleep(QUIET_MS);
    expect(world.told(watcher, idle)).toEqual([]);
    expect(world.told(watcher, failed)).toEqual([]);
    expect(world.told(watcher, edited)).toEqual(['changed']);
    expect(world.told(watcher, open)).toEqual(['changed']);
    expect(await world.isOpen(idle)).toBe(false);
  }, 30_000);

  it('a failed resource whose user requests a reconcile by annotation', async () => {
    const group = resourceGroup('requested');
    await world.kube.apply(group);
    await world.opened(group);
    await world.endRun(group, { ready: false });
    await sleep(QUIET_MS);
    expect(await world.isOpen(group)).toBe(false);
    await world.kube.patch(keyOf(group), {
      metadata: { annotations: { 'azure-temporal-operator.io/reconcile-requested-at': new Date().toISOString() } },
    });
    await world.opened(group);
  }, 20_000);

  it('a failed resource when the foreign Secret with the name of its destination is deleted', async () => {
    const manifest = server('in-the-way');
    await world.kube.apply(secret('in-the-way-out'));
    await world.kube.apply(manifest);
    await world.opened(manifest);
    await world.endRun(manifest, { ready: false });
    await sleep(QUIET_MS);
    expect(await world.isOpen(manifest)).toBe(false);
    await world.kube.delete(keyOf(secret('in-the-way-out')));
    await world.opened(manifest);
    await toldAtLast(manifest, ['changed', 'dependencies']);
  }, 20_000);

  it('a Ready resource when its exported object is deleted, also while no watcher runs, but not when it is written', async () => {
    const manifest = server('exporting');
    const { uid } = (await world.kube.apply(manifest)).metadata;
    const out = secret('exporting-out', {
      apiVersion: manifest.apiVersion,
      kind: manifest.kind,
      name: manifest.metadata.name,
      uid,
    });
    await world.opened(manifest);
    const endRun = async (): Promise<void> => {
      await world.kube.apply(out);
      await world.endRun(manifest, { ready: true, exported: [{ kind: 'Secret', name: 'exporting-out' }] });
      await sleep(QUIET_MS);
      expect(await world.isOpen(manifest)).toBe(false);
    };
    await endRun();
    await world.kube.delete(keyOf(out));
    await world.opened(manifest);
    await toldAtLast(manifest, ['changed', 'destination']);
    await endRun();
    await watcher.kill('SIGKILL');
    await world.kube.delete(keyOf(out));
    await restart();
    await world.opened(manifest);
    await toldAtLast(manifest, ['destination']);
  }, 40_000);

  it('every resource once per resync period: lost, Ready and failed ones', async () => {
    const [lost, ready, failed] = ['lost', 'ready', 'failed'].map((name) => resourceGroup(`resync-${name}`)) as [
      Manifest,
      Manifest,
      Manifest,
    ];
    for (const group of [lost, ready, failed]) {
      await world.kube.apply(group);
      await world.opened(group);
    }
    await watcher.kill('SIGKILL');
    await restart({ AZURE_SYNC_PERIOD: '3s' });
    await waitFor(() => world.told(watcher, lost).length > 0);
    await world.loseRun(lost);
    await world.endRun(ready, { ready: true });
    await world.endRun(failed, { ready: false });
    for (const group of [lost, ready, failed]) {
      await world.opened(group, 6_000);
      await waitFor(() => world.told(watcher, group).at(-1) === 'resync', 2_000);
    }
  }, 40_000);

  it('without a warning in the log', () => {
    expect(world.log(watcher).filter(({ level }) => !['debug', 'info'].includes(level))).toEqual([]);
  });
});
