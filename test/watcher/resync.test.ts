import { describe, expect, it } from '@jest/globals';

import { Resync } from '../../watcher/resync.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const resyncOf = (periodMs: number | undefined, settled: boolean, random = 0.5): Resync =>
  new Resync({ periodMs, isSettled: () => settled, random: () => random });

describe('Resync', () => {
  it.each<{ reason: string; periodMs: number | undefined; settled: boolean; random?: number; dueAt: number }>([
    { reason: 'a period after it was told', periodMs: HOUR, settled: true, dueAt: HOUR },
    { reason: 'ten per cent sooner', periodMs: HOUR, settled: true, random: 0, dueAt: 54 * MINUTE },
    { reason: 'or later', periodMs: HOUR, settled: true, random: 1, dueAt: 66 * MINUTE },
    { reason: 'a failed one in a long period: once an hour', periodMs: 24 * HOUR, settled: false, dueAt: HOUR },
    {
      reason: 'a failed one in a short period: as all others',
      periodMs: 5 * MINUTE,
      settled: false,
      dueAt: 5 * MINUTE,
    },
    { reason: 'never: what is Ready never', periodMs: undefined, settled: true, dueAt: Number.POSITIVE_INFINITY },
    { reason: 'never: what is not Ready once an hour', periodMs: undefined, settled: false, dueAt: HOUR },
  ])('$reason', ({ periodMs, settled, random, dueAt }) => {
    const resync = resyncOf(periodMs, settled, random);
    resync.told('a', 1000);
    const last = Number.isFinite(dueAt) ? 1000 + dueAt : Number.MAX_SAFE_INTEGER;
    expect(resync.due(last - 1)).toEqual([]);
    if (Number.isFinite(dueAt)) expect(resync.due(last + 1)).toEqual(['a']);
  });

  it('spreads a start over the whole period', () => {
    const resync = new Resync({ periodMs: HOUR, isSettled: () => true });
    for (let i = 0; i < 1000; i += 1) resync.spread(String(i), 0);
    for (let quarter = 1; quarter <= 4; quarter += 1) {
      const due = resync.due((quarter * HOUR) / 4).length;
      expect(Math.abs(due - quarter * 250)).toBeLessThan(80);
    }
  });

  it('begins the period anew when a resource was told for another reason', () => {
    const resync = resyncOf(HOUR, true);
    resync.told('a', 0);
    resync.told('a', 50 * MINUTE);
    expect(resync.due(109 * MINUTE)).toEqual([]);
    expect(resync.due(110 * MINUTE)).toEqual(['a']);
  });
});
