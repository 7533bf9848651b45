import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { loadKinds } from '../../kinds/load.ts';
import type { KubeObject } from '../../kube/contract.ts';
import { WatcherState, type News } from '../../watcher/state.ts';
import { Teller } from '../../watcher/teller.ts';

const kinds = loadKinds();
const GROUP = kinds.find({ group: 'resources.azure.com', kind: 'ResourceGroup' })!;
const group = (name: string): KubeObject => ({
  apiVersion: 'resources.azure.com/v1storage',
  kind: 'ResourceGroup',
  metadata: { name, namespace: 'n', uid: name, resourceVersion: '1', generation: 1 },
});

interface World {
  readonly state: WatcherState;
  readonly teller: Teller;
  readonly told: string[];
  leads: boolean;
}

const tellers: Teller[] = [];

function worldOf(tell: (key: string, news: News) => Promise<void> = async () => undefined): World {
  const told: string[] = [];
  const state: WatcherState = new WatcherState(kinds, (key) => world.teller.dirty(key));
  const teller = new Teller({
    state,
    leads: () => world.leads,
    syncPeriodMs: undefined,
    pacePerSecond: 1000,
    concurrency: 2,
    tell: async (key, news) => {
      await tell(key, news);
      told.push(key.split('/')[2] ?? '');
    },
    onFailure: () => undefined,
  });
  tellers.push(teller);
  const world: World = { state, teller, told, leads: true };
  return world;
}

afterEach(async () => {
  await Promise.all(tellers.splice(0).map((teller) => teller.stop()));
});

describe('Teller', () => {
  it('tells nothing before all is listed, and nothing while another one leads; then both', async () => {
    const { state, teller, told } = worldOf();
    state.upsertResource(GROUP, group('a'));
    teller.lead();
    await sleep(30);
    expect(told).toEqual([]);
    teller.listed();
    await sleep(30);
    expect(told).toEqual(['a']);
    teller.follow();
    state.upsertResource(GROUP, group('b'));
    await sleep(30);
    expect(told).toEqual(['a']);
    teller.lead();
    await sleep(30);
    expect(told).toEqual(['a', 'b']);
  });

  it('stops at the very moment at which it may lead no longer, and tells what is left when it leads again', async () => {
    const world = worldOf(async () => {
      world.leads = false;
    });
    world.teller.lead();
    world.teller.listed();
    for (const name of ['a', 'b', 'c', 'd']) world.state.upsertResource(GROUP, group(name));
    await sleep(30);
    expect(world.told.length).toBeLessThan(4);
    world.teller.follow();
    for (let i = 0; i < 4; i += 1) {
      world.leads = true;
      world.teller.lead();
      await sleep(30);
      world.teller.follow();
    }
    expect([...new Set(world.told)].toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives a signal that cannot be delivered up when another one leads', async () => {
    let tries = 0;
    const { state, teller } = worldOf(async () => {
      tries += 1;
      throw new Error('no');
    });
    teller.lead();
    teller.listed();
    state.upsertResource(GROUP, group('a'));
    await sleep(30);
    teller.follow();
    await sleep(700);
    expect(tries).toBe(1);
  });
});
