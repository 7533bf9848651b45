import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { loadKinds } from '../../kinds/load.ts';
import type { KubeObject } from '../../kube/contract.ts';
import { SignalSender } from '../../watcher/signal-sender.ts';
import { WatcherState, type PendingSignal } from '../../watcher/state.ts';

const kinds = loadKinds();
const GROUP = kinds.find({ group: 'resources.azure.com', kind: 'ResourceGroup' })!;
const group = (name: string): KubeObject => ({
  apiVersion: 'resources.azure.com/v1storage',
  kind: 'ResourceGroup',
  metadata: { name, namespace: 'n', uid: name, resourceVersion: '1', generation: 1 },
});

interface World {
  readonly state: WatcherState;
  readonly sender: SignalSender;
  readonly signalled: string[];
  leads: boolean;
}

const senders: SignalSender[] = [];

function worldOf(send: (key: string, signal: PendingSignal) => Promise<void> = async () => undefined): World {
  const signalled: string[] = [];
  const state: WatcherState = new WatcherState(kinds, (key) => world.sender.keyChanged(key));
  const sender = new SignalSender({
    state,
    leads: () => world.leads,
    syncPeriodMs: undefined,
    pacePerSecond: 1000,
    concurrency: 2,
    send: async (key, signal) => {
      await send(key, signal);
      signalled.push(key.split('/')[2] ?? '');
    },
    onFailure: () => undefined,
  });
  senders.push(sender);
  const world: World = { state, sender, signalled, leads: true };
  return world;
}

afterEach(async () => {
  await Promise.all(senders.splice(0).map((sender) => sender.stop()));
});

describe('SignalSender', () => {
  it('signals nothing before everything is listed or while another watcher leads, and all of it afterwards', async () => {
    const { state, sender, signalled } = worldOf();
    state.upsertResource(GROUP, group('a'));
    sender.startLeading();
    await sleep(30);
    expect(signalled).toEqual([]);
    sender.listComplete();
    await sleep(30);
    expect(signalled).toEqual(['a']);
    sender.stopLeading();
    state.upsertResource(GROUP, group('b'));
    await sleep(30);
    expect(signalled).toEqual(['a']);
    sender.startLeading();
    await sleep(30);
    expect(signalled).toEqual(['a', 'b']);
  });

  it('stops as soon as its leadership ends, and signals the rest when it leads again', async () => {
    const world = worldOf(async () => {
      world.leads = false;
    });
    world.sender.startLeading();
    world.sender.listComplete();
    for (const name of ['a', 'b', 'c', 'd']) world.state.upsertResource(GROUP, group(name));
    await sleep(30);
    expect(world.signalled.length).toBeLessThan(4);
    world.sender.stopLeading();
    for (let i = 0; i < 4; i += 1) {
      world.leads = true;
      world.sender.startLeading();
      await sleep(30);
      world.sender.stopLeading();
    }
    expect([...new Set(world.signalled)].toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('drops a signal that cannot be delivered when another watcher leads', async () => {
    let tries = 0;
    const { state, sender } = worldOf(async () => {
      tries += 1;
      throw new Error('no');
    });
    sender.startLeading();
    sender.listComplete();
    state.upsertResource(GROUP, group('a'));
    await sleep(30);
    sender.stopLeading();
    await sleep(700);
    expect(tries).toBe(1);
  });
});
