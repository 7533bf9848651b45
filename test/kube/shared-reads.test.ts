import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { SharedReads } from '../../kube/shared-reads.ts';

/** A server whose answers are let go by hand. Each answer is the number of the read. */
function server() {
  const waiting: { answer(): void; fail(): void }[] = [];
  let count = 0;
  const reads = new SharedReads<number>(
    (path) =>
      new Promise((resolve, reject) => {
        count += 1;
        const mine = count;
        waiting.push({ answer: () => resolve(mine), fail: () => reject(new Error(`no ${path}`)) });
      }),
  );
  return { reads, waiting, count: () => count };
}

it('a hundred callers during a running read share one read that starts after their calls', async () => {
  const { reads, waiting, count } = server();
  const first = reads.get('/a');
  const others = Array.from({ length: 100 }, () => reads.get('/a'));
  expect(count()).toBe(1);
  waiting[0]!.answer();
  expect(await first).toBe(1);
  await turn();
  expect(count()).toBe(2);
  const late = reads.get('/a');
  waiting[1]!.answer();
  expect(new Set(await Promise.all(others))).toEqual(new Set([2]));
  await turn();
  waiting[2]!.answer();
  expect(await late).toBe(3);
});

it('no caller gets the failure of a read that started before its call', async () => {
  const { reads, waiting } = server();
  const first = reads.get('/a');
  const second = reads.get('/a');
  waiting[0]!.fail();
  await expect(first).rejects.toThrow('no /a');
  await turn();
  waiting[1]!.answer();
  expect(await second).toBe(2);
});

it('consecutive reads, and reads of other paths, are not shared', async () => {
  const { reads, waiting } = server();
  for (const [index, path] of ['/a', '/a', '/b'].entries()) {
    const read = reads.get(path);
    waiting[index]!.answer();
    expect(await read).toBe(index + 1);
  }
});
