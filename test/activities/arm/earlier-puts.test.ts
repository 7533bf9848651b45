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
  {
    reason: 'the resource exists, but this operator never sent it: what Azure accepted is unknown',
    exists: true,
    details: {},
    known: undefined,
  },
  {
    reason: 'nothing was sent since Azure accepted it',
    stored: { applied: accepted('a') },
    exists: true,
    details: {},
    known: accepted('a'),
  },
  {
    reason: 'the answer to an update of this step was lost: Azure may have either payload (row 1)',
    stored: { applied: accepted('a'), sending: 'b' },
    exists: true,
    details: { sent: 'b', creates: false },
    known: undefined,
  },
  {
    reason: 'the answer to an update of an earlier step was lost, with its heartbeat (row 27)',
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
    reason: 'the same payload was sent again to correct drift: Azure has it in any case',
    stored: { applied: accepted('a') },
    exists: true,
    details: { sent: 'a', creates: false },
    known: accepted('a'),
  },
  {
    reason: 'the answer to a creation was lost, and the resource exists: the creation made it',
    exists: true,
    details: { sent: 'a', creates: true },
    known: justNow('a'),
  },
  {
    reason: 'the answer to a creation was lost, and the resource does not exist',
    exists: false,
    details: { sent: 'a', creates: true },
    known: undefined,
  },
  {
    reason: 'nothing existed, but two different payloads were sent: either may have created the resource',
    exists: true,
    details: { sent: 'b', creates: false },
    known: undefined,
  },
  {
    reason: 'the resource was deleted and created again with the same payload: the old baseline is void',
    stored: { applied: accepted('a') },
    exists: true,
    details: { sent: 'a', creates: true },
    known: justNow('a'),
  },
  {
    reason: 'the resource was adopted, and the answer to the first PUT was lost',
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
