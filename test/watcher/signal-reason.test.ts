import { describe, expect, it } from '@jest/globals';

import { reasonToSignal, type SignalReason, type SignalState } from '../../watcher/signal-reason.ts';

const A = { fingerprint: 'a', dependencies: '1' };
/** Signalled, handled, Ready. */
const UP_TO_DATE: SignalState = {
  change: A,
  signalled: A,
  handledFingerprint: 'a',
  ready: true,
  due: false,
  exportMissing: false,
};

describe('reasonToSignal', () => {
  it.each<{ reason: string; given: Partial<SignalState>; want: SignalReason | undefined }>([
    { reason: 'a resource that is Ready and whose facts are handled gets no signal', given: {}, want: undefined },
    { reason: 'at a start, such a resource gets none either', given: { signalled: undefined }, want: undefined },
    {
      reason: 'at a start, facts that no reconcile has handled: the resource may be new, or its run may be lost',
      given: { signalled: undefined, handledFingerprint: undefined, ready: false },
      want: 'changed',
    },
    {
      reason: 'at a start, an edit that was made while no watcher ran',
      given: { signalled: undefined, handledFingerprint: 'before' },
      want: 'changed',
    },
    {
      reason:
        'at a start, the dependencies of a failed resource count as signalled: else each restart would retry all of them',
      given: { signalled: undefined, ready: false },
      want: undefined,
    },
    {
      reason: 'at a start, an exported object that does not exist',
      given: { signalled: undefined, exportMissing: true },
      want: 'destination',
    },
    { reason: 'an edit', given: { change: { fingerprint: 'b', dependencies: '1' } }, want: 'changed' },
    {
      reason: 'an edit that was signalled and is being reconciled is not signalled twice',
      given: { change: { fingerprint: 'b', dependencies: '1' }, signalled: { fingerprint: 'b', dependencies: '1' } },
      want: undefined,
    },
    {
      reason: 'an edit that was reverted: a run may be open for it',
      given: { signalled: { fingerprint: 'b', dependencies: '1' } },
      want: 'changed',
    },
    {
      reason: 'a change of the owner that an open run waits for',
      given: { handledFingerprint: undefined, ready: false, signalled: { fingerprint: 'a', dependencies: '0' } },
      want: 'dependencies',
    },
    {
      reason: 'a change of the owner of a Ready resource with an edit in progress',
      given: { handledFingerprint: 'before', signalled: { fingerprint: 'a', dependencies: '0' } },
      want: 'dependencies',
    },
    {
      reason: 'a change of the owner does not matter to a Ready resource',
      given: { signalled: { fingerprint: 'a', dependencies: '0' } },
      want: undefined,
    },
    {
      reason: 'a failed reconcile is retried when a dependency changes (row 28)',
      given: { ready: false, signalled: { fingerprint: 'a', dependencies: '0' } },
      want: 'dependencies',
    },
    { reason: 'a resync is due', given: { due: true }, want: 'resync' },
    { reason: 'a resync also retries a failed resource', given: { due: true, ready: false }, want: 'resync' },
    {
      reason: 'a resync also restarts a run that was lost in the middle (row 10)',
      given: { due: true, ready: false, handledFingerprint: undefined },
      want: 'resync',
    },
    { reason: 'somebody deleted an exported object', given: { exportMissing: true }, want: 'destination' },
    {
      reason: 'an open run may be about to write the exported object; it is checked again when the run has ended',
      given: { exportMissing: true, handledFingerprint: 'before' },
      want: undefined,
    },
  ])('$reason', ({ given, want }) => {
    expect(reasonToSignal({ ...UP_TO_DATE, ...given })).toBe(want);
  });
});
