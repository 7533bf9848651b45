import { describe, expect, it } from '@jest/globals';

import { reasonToTell, type Reason, type Standing } from '../../watcher/reason.ts';

const A = { fingerprint: 'a', dependencies: '1' };
/** Told, dealt with, Ready. */
const SETTLED: Standing = { change: A, told: A, dealtWith: 'a', ready: true, due: false, exportMissing: false };

describe('reasonToTell', () => {
  it.each<{ reason: string; given: Partial<Standing>; want: Reason | undefined }>([
    { reason: 'a settled resource costs nothing', given: {}, want: undefined },
    { reason: 'at a start a settled resource is not told', given: { told: undefined }, want: undefined },
    {
      reason: 'at a start what nobody has dealt with is told: it may be new, or its run may be lost',
      given: { told: undefined, dealtWith: undefined, ready: false },
      want: 'changed',
    },
    {
      reason: 'at a start an edit that was made meanwhile is told',
      given: { told: undefined, dealtWith: 'before' },
      want: 'changed',
    },
    {
      reason:
        'at a start the dependencies of what has failed for good count as told, or each restart would try all of them',
      given: { told: undefined, ready: false },
      want: undefined,
    },
    {
      reason: 'at a start an export that is gone is written again',
      given: { told: undefined, exportMissing: true },
      want: 'destination',
    },
    { reason: 'an edit is told', given: { change: { fingerprint: 'b', dependencies: '1' } }, want: 'changed' },
    {
      reason: 'an edit that was told and is being worked on is not told twice',
      given: { change: { fingerprint: 'b', dependencies: '1' }, told: { fingerprint: 'b', dependencies: '1' } },
      want: undefined,
    },
    {
      reason: 'an edit that was taken back is told: a run may be open for it',
      given: { told: { fingerprint: 'b', dependencies: '1' } },
      want: 'changed',
    },
    {
      reason: 'a run that waits for its owner is told of the owner',
      given: { dealtWith: undefined, ready: false, told: { fingerprint: 'a', dependencies: '0' } },
      want: 'dependencies',
    },
    {
      reason: 'a Ready resource with an edit under way is told of its owner',
      given: { dealtWith: 'before', told: { fingerprint: 'a', dependencies: '0' } },
      want: 'dependencies',
    },
    {
      reason: 'a Ready resource does not care what its owner is up to',
      given: { told: { fingerprint: 'a', dependencies: '0' } },
      want: undefined,
    },
    {
      reason: 'a reconcile that failed for good is tried again when what it depends on changes (row 28)',
      given: { ready: false, told: { fingerprint: 'a', dependencies: '0' } },
      want: 'dependencies',
    },
    { reason: 'its turn for a resync has come', given: { due: true }, want: 'resync' },
    { reason: 'a resync also starts what has failed', given: { due: true, ready: false }, want: 'resync' },
    {
      reason: 'a resync also starts a run that was lost in the middle (row 10)',
      given: { due: true, ready: false, dealtWith: undefined },
      want: 'resync',
    },
    { reason: 'somebody deleted an export', given: { exportMissing: true }, want: 'destination' },
    {
      reason: 'a run that is open may be about to write it; when it has ended it is looked at again',
      given: { exportMissing: true, dealtWith: 'before' },
      want: undefined,
    },
  ])('$reason', ({ given, want }) => {
    expect(reasonToTell({ ...SETTLED, ...given })).toBe(want);
  });
});
