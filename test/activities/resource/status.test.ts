import { describe, expect, it } from '@jest/globals';
import { statusAfter, type StatusChange } from '../../../activities/resource/status.ts';
import { STORED_STATE, type StepOrder } from '../../../contract/stored-state.ts';
import type { JsonObject, KubeObject } from '../../../kube/contract.ts';

const TIME = '2026-01-01T00:00:00Z';
const order = (scheduledAt: number, step: number): StepOrder => ({ scheduledAt, step });
const NOW = order(100, 5);

const ready = (status: 'True' | 'False', observedGeneration: number, reason = 'Succeeded') => ({
  type: 'Ready' as const,
  status,
  reason,
  observedGeneration,
  ...(status === 'False' && { severity: 'Info' as const }),
  lastTransitionTime: TIME,
});
const object = (status: JsonObject): KubeObject => ({
  apiVersion: 'g/v',
  kind: 'K',
  metadata: { name: 'x', namespace: 'n', uid: 'u', generation: 2 } as KubeObject['metadata'],
  status,
});
const stored = (more: JsonObject = {}, at: StepOrder = order(100, 4), uid = 'u'): JsonObject => ({
  [STORED_STATE]: { uid, order: { ...at }, workflowId: 'K.g/n/x', ...more },
});
/** As earlier releases wrote it. */
const storedBefore = (more: JsonObject = {}): JsonObject => ({
  [STORED_STATE]: { uid: 'u', order: { ...order(100, 4) }, ...more },
});
const failed = (message: string): StatusChange['condition'] => ({
  status: 'False',
  severity: 'Warning',
  reason: 'Conflict',
  message,
  observedGeneration: 2,
});
const HOUR = 3_600_000;
const SOON = 39_000;
const aTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown as string;
const reconciling: StatusChange['condition'] = {
  status: 'False',
  severity: 'Info',
  reason: 'Reconciling',
  observedGeneration: 2,
};
const succeeded: StatusChange['condition'] = { status: 'True', reason: 'Succeeded', observedGeneration: 2 };
const applied = { generation: 1, apiVersion: 'v', digest: 'a' };

interface Row {
  readonly reason: string;
  readonly status: JsonObject;
  readonly change: StatusChange;
  readonly at?: StepOrder;
  readonly after: unknown;
}

const ROWS: readonly Row[] = [
  {
    reason: 'an older step writes nothing after a step of the same time with a higher number (row 23)',
    status: stored({}, order(100, 6)),
    change: { condition: succeeded },
    after: 'stale',
  },
  {
    reason: 'an older step writes nothing after a step that was scheduled later, in any run',
    status: stored({}, order(101, 1)),
    change: { condition: succeeded },
    after: 'stale',
  },
  {
    reason: 'the same step may write more than once',
    status: stored({}, NOW),
    change: { condition: reconciling },
    after: { conditions: [expect.objectContaining(reconciling)], ...stored({}, NOW) },
  },
  {
    reason: 'a step that was scheduled later may write, even if its number is lower',
    status: stored({}, order(99, 500)),
    change: { condition: reconciling },
    after: { conditions: [expect.objectContaining(reconciling)], ...stored({}, NOW) },
  },
  {
    reason: 'an order in the far future comes from a wrong clock: it must not block the status',
    status: stored({}, order(Date.now() + 3_600_000, 1)),
    change: { condition: reconciling },
    after: { conditions: [expect.objectContaining(reconciling)], ...stored({}, NOW) },
  },
  {
    reason: 'stored state of another uid is ignored, including its order',
    status: stored({ applied }, order(101, 1), 'another'),
    change: { condition: reconciling },
    after: { conditions: [expect.objectContaining(reconciling)], ...stored({}, NOW) },
  },
  {
    reason: 'the condition of a newer generation stays, but the stored state is written',
    status: { ...stored(), conditions: [ready('False', 3, 'Reconciling')] },
    change: { condition: succeeded, stored: { applied } },
    after: { conditions: [ready('False', 3, 'Reconciling')], ...stored({ applied }, NOW) },
  },
  {
    reason: 'an answer for an older generation does not replace the status of a newer one',
    status: { ...stored(), observedGeneration: 3, conditions: [ready('False', 3, 'Reconciling')], id: '/new' },
    change: { condition: succeeded, answer: { id: '/old' }, stored: { applied } },
    after: { conditions: [ready('False', 3, 'Reconciling')], id: '/new', ...stored({ applied }, NOW) },
  },
  {
    reason: 'work in progress does not replace Ready=True of the same generation',
    status: { ...stored(), conditions: [ready('True', 2)] },
    change: { condition: reconciling, stored: { sending: 'b' } },
    after: { conditions: [ready('True', 2)], ...stored({ sending: 'b' }, NOW) },
  },
  {
    reason: 'if nothing changes, nothing is written, not even the order',
    status: { ...stored({ applied }), conditions: [ready('True', 2)], observedGeneration: 2, id: '/x' },
    change: { condition: succeeded, answer: { id: '/x' }, stored: { applied } },
    after: 'unchanged',
  },
  {
    reason: 'null removes a stored field, and an absent field stays',
    status: { ...stored({ applied, sending: 'b', fingerprint: 'f' }), conditions: [ready('True', 2)] },
    change: { condition: succeeded, stored: { sending: null } },
    after: { conditions: [ready('True', 2)], ...stored({ applied, fingerprint: 'f' }, NOW) },
  },
  {
    reason: 'a status of a release that did not write the observed generation gets it',
    status: { ...stored({ applied }), conditions: [ready('True', 2)], id: '/x' },
    change: { condition: succeeded, answer: { id: '/x' }, stored: { applied } },
    after: { conditions: [ready('True', 2)], id: '/x', ...stored({ applied }, NOW) },
  },
  {
    reason: 'null for a field that is not stored changes nothing',
    status: { ...stored({ applied }), conditions: [ready('True', 2)], observedGeneration: 2 },
    change: { condition: succeeded, stored: { sending: null, operation: null } },
    after: 'unchanged',
  },
  {
    reason: "Azure's answer replaces the whole status: a field that it no longer has is removed",
    status: { ...stored(), conditions: [ready('True', 2)], id: '/x', old: 1 },
    change: { condition: succeeded, answer: { id: '/x', fresh: 2 } },
    after: { conditions: [ready('True', 2)], id: '/x', fresh: 2, ...stored({}, NOW) },
  },
  {
    reason: 'without an answer the status stays',
    status: { ...stored(), conditions: [ready('True', 1)], id: '/x' },
    change: { condition: reconciling },
    after: { conditions: [expect.objectContaining(reconciling)], id: '/x', ...stored({}, NOW) },
  },
  {
    reason: 'a status that is too large omits its largest fields, and the condition names them (row 30)',
    status: stored(),
    change: { condition: succeeded, answer: { id: '/x', tags: { a: 'x'.repeat(400_000) } } },
    after: {
      conditions: [expect.objectContaining({ status: 'True', message: expect.stringMatching(/leaves out tags/) })],
      id: '/x',
      ...stored({}, NOW),
    },
  },
  {
    reason: 'the state of an earlier release gets the workflow id once, and keeps what it has',
    status: { ...storedBefore({ applied }), conditions: [ready('True', 2)] },
    change: { condition: succeeded },
    after: { conditions: [ready('True', 2)], ...stored({ applied }, NOW) },
  },
  {
    reason: 'a failure with a long back-off says when it is tried again',
    status: stored(),
    change: { condition: failed('m'), nextAttemptMs: HOUR },
    after: { conditions: [expect.objectContaining(failed('m'))], ...stored({ nextAttempt: aTime }, NOW) },
  },
  {
    reason: 'a short back-off is not worth a write at each attempt',
    status: {
      ...stored(),
      observedGeneration: 2,
      conditions: [{ ...failed('m'), type: 'Ready', lastTransitionTime: TIME }],
    },
    change: { condition: failed('m'), nextAttemptMs: SOON },
    after: 'unchanged',
  },
  {
    reason: 'the time of an attempt that was made does not stay, also if the next one is soon',
    status: {
      ...stored({ nextAttempt: TIME }),
      conditions: [{ ...failed('m'), type: 'Ready', lastTransitionTime: TIME }],
    },
    change: { condition: failed('m'), nextAttemptMs: SOON },
    after: { conditions: [expect.objectContaining(failed('m'))], ...stored({}, NOW) },
  },
  {
    reason: 'when it is Ready nothing is tried again',
    status: stored({ nextAttempt: TIME }),
    change: { condition: succeeded },
    after: { conditions: [expect.objectContaining(succeeded)], ...stored({}, NOW) },
  },
  {
    reason: 'progress that the condition does not show removes the time too: the attempt is being made',
    status: {
      ...stored({ nextAttempt: TIME }),
      conditions: [{ ...failed('m'), type: 'Ready', lastTransitionTime: TIME }],
    },
    change: { condition: reconciling },
    after: { conditions: [expect.objectContaining(failed('m'))], ...stored({}, NOW) },
  },
  {
    reason: 'the failure of an older generation says nothing about the next attempt of a newer one',
    status: { ...stored(), observedGeneration: 3, conditions: [ready('False', 3, 'Reconciling')] },
    change: { condition: failed('m'), nextAttemptMs: HOUR },
    after: 'unchanged',
  },
];

describe('statusAfter', () => {
  it.each(ROWS)('$reason', ({ status, change, at = NOW, after }) => {
    const result = statusAfter(object(status), at, change);
    if (typeof result === 'string') return expect(result).toBe(after);
    const { observedGeneration, ...rest } = result;
    expect(rest).toEqual(after);
    expect(observedGeneration).toBe(
      (rest['conditions'] as unknown as [{ observedGeneration: number }])[0].observedGeneration,
    );
  });

  it('keeps the time of a condition that says the same', () => {
    const before = { ...stored(), conditions: [ready('True', 2)] };
    const after = statusAfter(object(before), NOW, { condition: succeeded, answer: { id: '/new' } });
    expect(after).toMatchObject({ conditions: [{ lastTransitionTime: TIME }], id: '/new' });
  });
});
