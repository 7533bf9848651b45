import { describe, expect, it } from '@jest/globals';

import { Resync } from '../../watcher/resync.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const resyncOf = (periodMs: number | undefined, upToDate: boolean, random = 0.5): Resync =>
  new Resync({ periodMs, isUpToDate: () => upToDate, random: () => random });

describe('Resync', () => {
  it.each<{ reason: string; periodMs: number | undefined; upToDate: boolean; random?: number; dueAt: number }>([
    { reason: 'one period after the last signal', periodMs: HOUR, upToDate: true, dueAt: HOUR },
    { reason: 'ten per cent sooner', periodMs: HOUR, upToDate: true, random: 0, dueAt: 54 * MINUTE },
    { reason: 'or later', periodMs: HOUR, upToDate: true, random: 1, dueAt: 66 * MINUTE },
    { reason: 'a failed resource with a long period: once an hour', periodMs: 24 * HOUR, upToDate: false, dueAt: HOUR },
    {
      reason: 'a failed resource with a short period: like all others',
      periodMs: 5 * MINUTE,
      upToDate: false,
      dueAt: 5 * MINUTE,
    },
    {
      reason: 'period `never`: a Ready resource is never due',
      periodMs: undefined,
      upToDate: true,
      dueAt: Number.POSITIVE_INFINITY,
    },
    {
      reason: 'period `never`: a resource that is not Ready is due once an hour',
      periodMs: undefined,
      upToDate: false,
      dueAt: HOUR,
    },
  ])('$reason', ({ periodMs, upToDate, random, dueAt }) => {
    const resync = resyncOf(periodMs, upToDate, random);
    resync.recordSignal('a', 1000);
    const last = Number.isFinite(dueAt) ? 1000 + dueAt : Number.MAX_SAFE_INTEGER;
    expect(resync.due(last - 1)).toEqual([]);
    if (Number.isFinite(dueAt)) expect(resync.due(last + 1)).toEqual(['a']);
  });

  it('spreads a start over the whole period', () => {
    const resync = new Resync({ periodMs: HOUR, isUpToDate: () => true });
    for (let i = 0; i < 1000; i += 1) resync.spread(String(i), 0);
    for (let quarter = 1; quarter <= 4; quarter += 1) {
      const due = resync.due((quarter * HOUR) / 4).length;
      expect(Math.abs(due - quarter * 250)).toBeLessThan(80);
    }
  });

  it('restarts the period when a resource is signalled for another reason', () => {
    const resync = resyncOf(HOUR, true);
    resync.recordSignal('a', 0);
    resync.recordSignal('a', 50 * MINUTE);
    expect(resync.due(109 * MINUTE)).toEqual([]);
    expect(resync.due(110 * MINUTE)).toEqual(['a']);
  });
});
