import { describe, expect, it } from '@jest/globals';
import { knownToBeAccepted } from '../../../activities/arm/earlier-puts.ts';
import type { Applied, StoredState } from '../../../contract/stored-state.ts';

const order = { scheduledAt: 1, step: 1 };
const target = {
  ref: { group: 'g', kind: 'K', namespace: 'n', name: 'x' },
  uid: 'u',
  generation: 2,
  armId: '/x',
  apiVersion: '2024-01-01',
};
const accepted = (digest: string): Applied => ({ generation: 1, apiVersion: '2024-01-01', digest, settled: {} });
const existing = { body: { id: '/x' }, etag: undefined };
/** What is known of a digest that was taken just now, without a baseline. */
const justNow = (digest: string): Applied => ({ generation: 2, apiVersion: '2024-01-01', digest });

interface Row {
  readonly reason: string;
  readonly stored?: Omit<StoredState, 'uid' | 'order'>;
  readonly exists: boolean;
  readonly details: { sent?: string; creates?: boolean };
  readonly known: Applied | undefined;
}

const ROWS: readonly Row[] = [
  { reason: 'nothing was ever sent', exists: false, details: {}, known: undefined },
  { reason: 'it exists, but was never ours: what it has nobody knows', exists: true, details: {}, known: undefined },
  {
    reason: 'nothing was sent since Azure accepted it',
    stored: { applied: accepted('a') },
    exists: true,
    details: {},
    known: accepted('a'),
  },
  {
    reason: 'an update that this step sent has no answer: Azure has one or the other (row 1)',
    stored: { applied: accepted('a'), sending: 'b' },
    exists: true,
    details: { sent: 'b', creates: false },
    known: undefined,
  },
  {
    reason: 'an update of an earlier step has no answer, and its heartbeat is gone (row 27)',
    stored: { applied: accepted('a'), sending: 'b' },
    exists: true,
    details: {},
    known: undefined,
  },
  {
    reason:
      'the spec went back to what was accepted, and that PUT has no answer either: Azure may have what was sent in between',
    stored: { applied: accepted('a'), sending: 'b' },
    exists: true,
    details: { sent: 'a', creates: false },
    known: undefined,
  },
  {
    reason: 'the same payload was sent again, to correct drift: whether or not it arrived, no other has',
    stored: { applied: accepted('a') },
    exists: true,
    details: { sent: 'a', creates: false },
    known: accepted('a'),
  },
  {
    reason: 'a creation without an answer has arrived: what exists was made by it',
    exists: true,
    details: { sent: 'a', creates: true },
    known: justNow('a'),
  },
  {
    reason: 'a creation without an answer has not arrived',
    exists: false,
    details: { sent: 'a', creates: true },
    known: undefined,
  },
  {
    reason: 'nothing existed, but another payload was sent before: either may have made it',
    exists: true,
    details: { sent: 'b', creates: false },
    known: undefined,
  },
  {
    reason: 'it had vanished and was created again with the same payload: the old baseline is void',
    stored: { applied: accepted('a') },
    exists: true,
    details: { sent: 'a', creates: true },
    known: justNow('a'),
  },
  {
    reason: 'it was adopted, and its first PUT has no answer',
    exists: true,
    details: { sent: 'a', creates: false },
    known: undefined,
  },
];

describe('knownToBeAccepted', () => {
  it.each(ROWS)('$reason', ({ stored, exists, details, known }) => {
    const state = stored && { uid: 'u', order, ...stored };
    expect(knownToBeAccepted({ stored: state, existing: exists ? existing : undefined, details, target })).toEqual(
      known,
    );
  });
});
