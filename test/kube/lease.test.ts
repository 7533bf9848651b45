import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import type { KubeObject } from '../../kube/contract.ts';
import { LEASE_TIMING } from '../../kube/lease.ts';
import { toLeaseRecord, waitMsFor, type LeaseRecord } from '../../kube/lease-record.ts';
import { holderIdentity, holderIsDead } from '../../kube/lease-holder.ts';

const lease = (fields: Partial<LeaseRecord> = {}): LeaseRecord => ({
  holder: 'other',
  durationMs: 6000,
  renewTime: '2026-11-26T00:00:00.000000Z',
  acquireTime: '2026-11-26T00:00:00.000000Z',
  transitions: 0,
  resourceVersion: '1',
  ...fields,
});

describe('waitMsFor', () => {
  it.each<{ reason: string; lease: LeaseRecord | undefined; seenForMs?: number; dead?: string; want: number }>([
    { reason: 'it does not exist', lease: undefined, want: 0 },
    { reason: 'another holds it, renewed just now', lease: lease(), want: 6000 },
    {
      reason: 'its renewal was seen 2.5 s ago by our clock; the time in it does not count',
      lease: lease({ renewTime: '1990-01-01T00:00:00.000000Z' }),
      seenForMs: 2500,
      want: 3500,
    },
    { reason: 'it has expired', lease: lease(), seenForMs: 6000, want: 0 },
    { reason: 'it was released', lease: lease({ holder: undefined }), want: 0 },
    { reason: 'it is ours', lease: lease({ holder: 'me' }), want: 0 },
    { reason: 'its holder is known to have exited', lease: lease(), dead: 'other', want: 0 },
  ])('$reason', ({ lease: given, seenForMs = 0, dead, want }) => {
    expect(waitMsFor({ lease: given, identity: 'me', isDead: (holder) => holder === dead, seenForMs })).toBe(want);
  });

  it('a leader stops before another may start, and another starts within 10 s', () => {
    const { deadlineMs, durationMs, retryMs, timeoutMs, renewMs } = LEASE_TIMING;
    expect(deadlineMs).toBeLessThan(durationMs);
    expect(renewMs + timeoutMs).toBeLessThan(deadlineMs);
    expect(durationMs + retryMs + timeoutMs).toBeLessThan(10_000);
  });
});

describe('toLeaseRecord', () => {
  it.each<{ reason: string; spec: object; want: Partial<LeaseRecord> }>([
    {
      reason: 'a Lease of client-go',
      spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: 't', leaseTransitions: 3 },
      want: { holder: 'a', durationMs: 15_000, renewTime: 't', transitions: 3 },
    },
    { reason: 'an empty one is free', spec: {}, want: { holder: undefined, durationMs: 0 } },
    { reason: 'one without a holder is free', spec: { holderIdentity: '' }, want: { holder: undefined } },
    {
      reason: 'fields of the wrong type are ignored',
      spec: { holderIdentity: 7, leaseDurationSeconds: 'x' },
      want: { holder: undefined, durationMs: 0 },
    },
  ])('$reason', ({ spec, want }) => {
    const object = { apiVersion: '', kind: '', metadata: { name: '', uid: '', resourceVersion: '9' }, spec };
    expect(toLeaseRecord(object as KubeObject)).toMatchObject({ ...want, resourceVersion: '9' });
  });
});

describe('holderIsDead', () => {
  it('is true only for a process of this machine that has exited', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    const identity = holderIdentity().replace(`_${process.pid}_`, `_${child.pid}_`);
    expect(holderIsDead(holderIdentity())).toBe(false);
    expect(holderIsDead(identity)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(holderIsDead(identity)).toBe(true);
    expect(holderIsDead(`elsewhere${identity}`)).toBe(false);
    expect(holderIsDead(identity.replace(/_[^_]*$/, '_otherwhere'))).toBe(false);
    expect(holderIsDead('made by hand')).toBe(false);
  });
});
