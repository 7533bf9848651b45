import { describe, expect, it } from '@jest/globals';

import { mergeCondition } from '../../kube/conditions.ts';
import type { Condition } from '../../kube/contract.ts';

const condition = (fields: Partial<Condition>): Condition => ({
  type: 'Ready',
  status: 'False',
  severity: 'Info',
  reason: 'Reconciling',
  observedGeneration: 1,
  lastTransitionTime: '2026-01-01T00:00:00Z',
  ...fields,
});
const ready = (fields: Partial<Condition> = {}): Condition => {
  const { severity: _, ...rest } = condition({ status: 'True', reason: 'Succeeded', ...fields });
  return rest;
};

describe('mergeCondition', () => {
  it.each([
    { reason: 'nothing there: the new one', old: undefined, next: condition({}), wins: 'next' },
    {
      reason: 'a newer generation wins, even as Info over True',
      old: ready(),
      next: condition({ observedGeneration: 2 }),
      wins: 'next',
    },
    { reason: 'an older generation loses', old: ready({ observedGeneration: 2 }), next: ready(), wins: 'old' },
    {
      reason: 'equal but for the time keeps the old time',
      old: ready(),
      next: ready({ lastTransitionTime: '2026-02-02T00:00:00Z' }),
      wins: 'old',
    },
    { reason: 'Info does not hide True', old: ready(), next: condition({}), wins: 'old' },
    {
      reason: 'Info does not hide a warning',
      old: condition({ severity: 'Warning', reason: 'X' }),
      next: condition({}),
      wins: 'old',
    },
    { reason: 'Info replaces Info', old: condition({ reason: 'Deleting' }), next: condition({}), wins: 'next' },
    { reason: 'Error replaces True', old: ready(), next: condition({ severity: 'Error', reason: 'X' }), wins: 'next' },
    {
      reason: 'True replaces a warning',
      old: condition({ severity: 'Warning', reason: 'X' }),
      next: ready(),
      wins: 'next',
    },
    { reason: 'Unknown replaces nothing', old: condition({}), next: condition({ status: 'Unknown' }), wins: 'old' },
    {
      reason: 'a precondition that is met is replaced just before the PUT',
      old: condition({ severity: 'Warning', reason: 'SecretNotFound' }),
      next: condition({}),
      aware: true,
      wins: 'next',
    },
    {
      reason: 'another warning is not',
      old: condition({ severity: 'Warning', reason: 'Conflict' }),
      next: condition({}),
      aware: true,
      wins: 'old',
    },
  ])('$reason', ({ old, next, aware, wins }) => {
    const kept = mergeCondition(old, next, { how: aware ? 'solved' : 'ranked', preconditions: ['SecretNotFound'] });
    expect(kept).toBe(wins === 'old' ? old : next);
  });
});
