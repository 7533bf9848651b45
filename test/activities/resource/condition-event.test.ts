import { describe, expect, it } from '@jest/globals';
import { conditionEvent } from '../../../activities/resource/condition-event.ts';
import type { Condition } from '../../../kube/contract.ts';

const condition = (more: Partial<Condition>): Condition => ({
  type: 'Ready',
  status: 'False',
  severity: 'Warning',
  reason: 'Conflict',
  message: 'm',
  observedGeneration: 1,
  lastTransitionTime: '2026-01-01T00:00:00Z',
  ...more,
});
const ready = (observedGeneration = 1): Condition =>
  condition({ status: 'True', reason: 'Succeeded', observedGeneration });
const failed = (message: string, more: Partial<Condition> = {}): Condition => condition({ message, ...more });
const ID = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';

interface Row {
  readonly why: string;
  readonly before: Condition | undefined;
  readonly after: Condition;
  /** The row of the table of transitions; undefined: nothing is told. */
  readonly told: string | undefined;
}

const ROWS: readonly Row[] = [
  { why: 'a new resource becomes Ready', before: undefined, after: ready(), told: 'Ready' },
  { why: 'it stays Ready: a resync', before: ready(), after: ready(), told: undefined },
  { why: 'the next generation is Ready', before: ready(), after: ready(2), told: 'Ready' },
  {
    why: 'it is Ready as before, and the message says that a field is left out',
    before: ready(),
    after: { ...ready(), message: 'leaves out tags' },
    told: undefined,
  },
  { why: 'it fails', before: ready(), after: failed('m'), told: 'Failed' },
  { why: 'it recovers at the same generation', before: failed('m'), after: ready(), told: 'Ready' },
  { why: 'it fails as before', before: failed('m'), after: failed('m'), told: undefined },
  { why: 'it fails for another reason', before: failed('m'), after: failed('m', { reason: 'Other' }), told: 'Failed' },
  { why: 'it fails with another message', before: failed('m'), after: failed('n'), told: 'Failed' },
  {
    why: 'the message has the id of another request, and another time',
    before: failed(`Tracking ${ID} at 2026-01-01T00:00:00.123Z, try again in 17 seconds`),
    after: failed(`Tracking ${ID.replace('a', 'b')} at 2026-01-01T00:01:00Z, try again in 3 seconds`),
    told: undefined,
  },
  {
    why: 'a number in the message that is neither id nor time is a difference',
    before: failed('10 cores'),
    after: failed('20 cores'),
    told: 'Failed',
  },
  {
    why: 'the next generation fails as the one before',
    before: failed('m'),
    after: failed('m', { observedGeneration: 2 }),
    told: 'Failed',
  },
  { why: 'it waits', before: undefined, after: failed('w', { reason: 'WaitingForOwner' }), told: 'Waiting' },
  {
    why: 'it waits as before: its timer fired',
    before: failed('w', { reason: 'WaitingForOwner' }),
    after: failed('w', { reason: 'WaitingForOwner' }),
    told: undefined,
  },
  {
    why: 'progress is told by the step that makes it',
    before: failed('m'),
    after: condition({ severity: 'Info', reason: 'Reconciling' }),
    told: undefined,
  },
];

describe('what a change of the condition tells', () => {
  it.each(ROWS)('$why: $told', ({ before, after, told }) => {
    expect(conditionEvent(before, after)?.name).toBe(told);
  });
});
