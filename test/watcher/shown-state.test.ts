import { describe, expect, it } from '@jest/globals';
import type { Condition } from '../../kube/contract.ts';
import { shownState } from '../../watcher/shown-state.ts';

const ready = (fields: Partial<Condition>): Condition => ({
  type: 'Ready',
  status: 'False',
  reason: 'Reconciling',
  lastTransitionTime: '',
  ...fields,
});

describe('what the metrics count a resource as', () => {
  it.each<[string, Condition | undefined, boolean, string, string]>([
    ['nobody has reconciled it yet', undefined, false, 'Reconciling', 'none'],
    ['it is Ready', ready({ status: 'True', reason: 'Succeeded' }), false, 'Ready', 'Succeeded'],
    ['work is in progress', ready({ severity: 'Info' }), false, 'Reconciling', 'Reconciling'],
    ['it waits', ready({ severity: 'Warning', reason: 'WaitingForOwner' }), false, 'Warning', 'WaitingForOwner'],
    ['a code of ARM', ready({ severity: 'Warning', reason: 'SkuNotAvailable' }), false, 'Warning', 'SkuNotAvailable'],
    ['only a change can help', ready({ severity: 'Error', reason: 'InvalidSpec' }), false, 'Failed', 'InvalidSpec'],
    [
      'a code that is not in the table may be anything',
      ready({ severity: 'Warning', reason: 'hunter2' }),
      false,
      'Warning',
      'other',
    ],
    ['a member of objects is no reason', ready({ severity: 'Warning', reason: 'toString' }), false, 'Warning', 'other'],
    [
      'it is being deleted, and that fails',
      ready({ severity: 'Warning', reason: 'AuthorizationFailed' }),
      true,
      'Deleting',
      'AuthorizationFailed',
    ],
  ])('%s', (_why, condition, deleting, state, reason) => {
    expect(shownState(condition, deleting)).toEqual({ state, reason });
  });
});
