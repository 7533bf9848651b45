import { describe, expect, it } from '@jest/globals';

import { CoalescingQueue } from '../../watcher/queue.ts';

describe('CoalescingQueue', () => {
  it('processes a key once however often it is added, and again when it is added while it is processed', async () => {
    const worked: string[] = [];
    const gate = Promise.withResolvers<void>();
    const queue = new CoalescingQueue({
      concurrency: 2,
      perSecond: 50,
      work: async (key) => {
        worked.push(key);
        if (worked.length === 1) await gate.promise;
      },
      onFailure: () => undefined,
    });
    for (let i = 0; i < 5; i += 1) queue.add('a');
    queue.add('b');
    gate.resolve();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await queue.stop();
    expect(worked).toEqual(['a', 'b', 'a']);
  });

  it('never drops a key that fails', async () => {
    let tries = 0;
    const queue = new CoalescingQueue({
      concurrency: 1,
      perSecond: 50,
      work: async () => {
        tries += 1;
        if (tries === 1) throw new Error('no');
      },
      onFailure: () => undefined,
    });
    queue.add('a');
    await new Promise((resolve) => setTimeout(resolve, 700));
    await queue.stop();
    expect(tries).toBe(2);
    expect(queue.size).toBe(0);
  });

  it('limits the rate of paced keys, and lets other keys pass them', async () => {
    const worked: string[] = [];
    const queue = new CoalescingQueue({
      concurrency: 20,
      perSecond: 50,
      work: async (key) => void worked.push(key),
      onFailure: () => undefined,
    });
    for (let i = 0; i < 100; i += 1) queue.add(`flood${i}`, { paced: true });
    queue.add('flood99');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await queue.stop();
    expect(worked[0]).toBe('flood99');
    expect(worked.length).toBeLessThan(15);
  });

  it('knows how many keys wait and for how long, also while they fail, and when it was told to forget them', async () => {
    let fails = true;
    const gate = Promise.withResolvers<void>();
    const queue = new CoalescingQueue({
      concurrency: 1,
      perSecond: 0.1,
      work: async (key) => {
        if (key === 'slow') await gate.promise;
        else if (fails) throw new Error('no');
      },
      onFailure: () => undefined,
    });
    expect(queue.waiting).toEqual({ length: 0, oldestMs: 0 });
    queue.add('failing');
    await new Promise((resolve) => setTimeout(resolve, 100));
    queue.add('slow');
    queue.add('paced', { paced: true });
    expect(queue.waiting.length).toBe(3);
    // It was added first, and its turn is over; but it still waits.
    expect(queue.waiting.oldestMs).toBeGreaterThan(90);
    fails = false;
    gate.resolve();
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(queue.waiting.length).toBe(1);
    expect(queue.clear()).toEqual(['paced']);
    expect(queue.waiting).toEqual({ length: 0, oldestMs: 0 });
    await queue.stop();
  });
});
