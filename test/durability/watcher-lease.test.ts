import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ManagedProcess } from '../../dev/processes.ts';
import { resourceGroup } from './manifests.ts';
import { startWatcherStack } from './watcher-stack.ts';
import type { WatcherStack } from './watcher-stack.ts';

const FOLLOWING = 'following: another watcher leads';
const LOST = 'no longer leading: the Lease could not be renewed in time or another watcher took it';
const TAKEOVER_MS = 10_000;

describe('several watchers', () => {
  let world: WatcherStack;
  let leader: ManagedProcess;
  let follower: ManagedProcess;

  beforeAll(async () => {
    world = await startWatcherStack();
    leader = world.startWatcher();
    await world.logged(leader, 'leading');
    follower = world.startWatcher();
    await world.logged(follower, FOLLOWING);
    await world.logged(follower, 'watching');
  }, 120_000);

  afterAll(async () => {
    await world?.stop();
  }, 30_000);

  it('one sends signals, the other one sends none', async () => {
    const group = resourceGroup('one-tells');
    await world.kube.apply(group);
    await world.opened(group);
    await sleep(1_000);
    expect(world.told(leader, group)).toEqual(['changed']);
    expect(world.told(follower, group)).toEqual([]);
  }, 20_000);

  it('after a SIGTERM the other one leads at once, and signals no idle resource', async () => {
    const idle = resourceGroup('idle-at-takeover');
    await world.kube.apply(idle);
    await world.opened(idle);
    await world.endRun(idle, { ready: true });
    const started = Date.now();
    await leader.stop();
    await world.logged(follower, 'leading', 3_000);
    expect(Date.now() - started).toBeLessThan(3_000);
    [leader, follower] = [follower, world.startWatcher()];
    await world.logged(follower, FOLLOWING);
    const group = resourceGroup('after-sigterm');
    await world.kube.apply(group);
    await world.opened(group);
    expect(world.told(leader, idle)).toEqual([]);
  }, 30_000);

  it('after a SIGKILL the other one leads within 10 s, and signals what was created meanwhile', async () => {
    await world.logged(follower, 'watching');
    const killed = Date.now();
    await leader.kill('SIGKILL');
    const group = resourceGroup('made-meanwhile');
    await world.kube.apply(group);
    await world.logged(follower, 'leading', TAKEOVER_MS);
    await world.opened(group, TAKEOVER_MS - (Date.now() - killed));
    leader = follower;
  }, 30_000);

  it('after the holder on another machine stops renewing, the same within 10 s', async () => {
    await world.patchLease({
      holderIdentity: 'elsewhere_1_00000000',
      leaseDurationSeconds: 6,
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    });
    const taken = Date.now();
    await world.logged(leader, LOST, 5_000);
    const group = resourceGroup('nobody-leads');
    await world.kube.apply(group);
    await world.opened(group, TAKEOVER_MS - (Date.now() - taken));
    expect(Date.now() - taken).toBeGreaterThan(5_000);
    expect(await world.lease()).toMatchObject({ leaseDurationSeconds: 6 });
    expect(world.log(leader).filter(({ msg }) => msg === 'leading').length).toBe(2);
  }, 30_000);

  it('a leader that cannot renew stops in time, logs it once, and leads again when the API server is back', async () => {
    const isFault = (msg: string): boolean => /^cannot read or write the Lease: .*; start the API server/.test(msg);
    const leading = (): number => world.log(leader).filter(({ msg }) => msg === 'leading').length;
    const before = leading();
    await world.stack.controlPlane.kill('kube-apiserver');
    await sleep(8_000);
    expect(world.log(leader).filter(({ msg }) => msg === LOST).length).toBe(2);
    const faults = world.log(leader).filter(({ msg }) => isFault(msg)).length;
    expect(faults).toBeGreaterThan(0);
    expect(faults).toBeLessThan(4);
    await world.stack.controlPlane.restart('kube-apiserver');
    for (const end = Date.now() + 10_000; leading() === before && Date.now() < end;) await sleep(100);
    expect(leading()).toBe(before + 1);
    const group = resourceGroup('after-the-outage');
    await world.kube.apply(group);
    await world.opened(group, 45_000);
  }, 120_000);
});
