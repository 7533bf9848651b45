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
  [STORED_STATE]: { uid, order: { ...at }, ...more },
});
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
    reason: 'a step of the same time with a higher number has written: an older one writes nothing (row 23)',
    status: stored({}, order(100, 6)),
    change: { condition: succeeded },
    after: 'stale',
  },
  {
    reason: 'a step that was asked for later has written, of whichever run',
    status: stored({}, order(101, 1)),
    change: { condition: succeeded },
    after: 'stale',
  },
  {
    reason: 'the same step writes more than once',
    status: stored({}, NOW),
    change: { condition: reconciling },
    after: { conditions: [expect.objectContaining(reconciling)], ...stored({}, NOW) },
  },
  {
    reason: 'an earlier time is earlier, whatever the number of the step',
    status: stored({}, order(99, 500)),
    change: { condition: reconciling },
    after: { conditions: [expect.objectContaining(reconciling)], ...stored({}, NOW) },
  },
  {
    reason: 'an order from the future is of a clock that was set back since: it must not lock the status',
    status: stored({}, order(Date.now() + 3_600_000, 1)),
    change: { condition: reconciling },
    after: { conditions: [expect.objectContaining(reconciling)], ...stored({}, NOW) },
  },
  {
    reason: 'what is stored under another uid is void, its order too',
    status: stored({ applied }, order(101, 1), 'another'),
    change: { condition: reconciling },
    after: { conditions: [expect.objectContaining(reconciling)], ...stored({}, NOW) },
  },
  {
    reason: 'the condition of a newer generation stays, and what is to be stored is stored',
    status: { ...stored(), conditions: [ready('False', 3, 'Reconciling')] },
    change: { condition: succeeded, stored: { applied } },
    after: { conditions: [ready('False', 3, 'Reconciling')], ...stored({ applied }, NOW) },
  },
  {
    reason: 'and what Azure answered for an older generation does not replace the status of a newer one',
    status: { ...stored(), conditions: [ready('False', 3, 'Reconciling')], id: '/new' },
    change: { condition: succeeded, answer: { id: '/old' }, stored: { applied } },
    after: { conditions: [ready('False', 3, 'Reconciling')], id: '/new', ...stored({ applied }, NOW) },
  },
  {
    reason: 'work in progress does not take Ready=True of the same generation away',
    status: { ...stored(), conditions: [ready('True', 2)] },
    change: { condition: reconciling, stored: { sending: 'b' } },
    after: { conditions: [ready('True', 2)], ...stored({ sending: 'b' }, NOW) },
  },
  {
    reason: 'nothing differs: nothing is written, and the order stays as it is',
    status: { ...stored({ applied }), conditions: [ready('True', 2)], id: '/x' },
    change: { condition: succeeded, answer: { id: '/x' }, stored: { applied } },
    after: 'unchanged',
  },
  {
    reason: 'null takes a stored field away, what is absent stays',
    status: { ...stored({ applied, sending: 'b', fingerprint: 'f' }), conditions: [ready('True', 2)] },
    change: { condition: succeeded, stored: { sending: null } },
    after: { conditions: [ready('True', 2)], ...stored({ applied, fingerprint: 'f' }, NOW) },
  },
  {
    reason: 'null for what is not there changes nothing',
    status: { ...stored({ applied }), conditions: [ready('True', 2)] },
    change: { condition: succeeded, stored: { sending: null, operation: null } },
    after: 'unchanged',
  },
  {
    reason: "Azure's answer replaces the whole status, what is no longer answered goes",
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
    reason: 'what does not fit is left out, the largest first, and the condition says so (row 30)',
    status: stored(),
    change: { condition: succeeded, answer: { id: '/x', tags: { a: 'x'.repeat(400_000) } } },
    after: {
      conditions: [expect.objectContaining({ status: 'True', message: expect.stringMatching(/leaves out tags/) })],
      id: '/x',
      ...stored({}, NOW),
    },
  },
];

describe('statusAfter', () => {
  it.each(ROWS)('$reason', ({ status, change, at = NOW, after }) => {
    expect(statusAfter(object(status), at, change)).toEqual(after);
  });

  it('keeps the time of a condition that says the same', () => {
    const before = { ...stored(), conditions: [ready('True', 2)] };
    const after = statusAfter(object(before), NOW, { condition: succeeded, answer: { id: '/new' } });
    expect(after).toMatchObject({ conditions: [{ lastTransitionTime: TIME }], id: '/new' });
  });
});
