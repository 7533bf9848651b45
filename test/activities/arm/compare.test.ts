import { describe, expect, it } from '@jest/globals';
import { compare, type Comparison } from '../../../activities/arm/compare.ts';
import type { Applied } from '../../../contract/stored-state.ts';
import type { JsonObject } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';

const kinds = loadKinds();
const shape = kinds.shape(kinds.find({ group: 'cache.azure.com', kind: 'Redis' })!, '2023-08-01');
const digestOf = (value: unknown): string => JSON.stringify(value);

const apiVersion = '2023-08-01';
const redis = (redisVersion: string, more: JsonObject = {}): JsonObject => ({ properties: { redisVersion, ...more } });
const inState = (provisioningState: string): JsonObject => redis('6', { provisioningState });
const desired = { payload: redis('6'), applied: { generation: 2, apiVersion, digest: 'six' } };
/** What Azure took; without `settled` it took it just now. */
const took = (digest: string, settled?: Record<string, string>): Applied => ({
  generation: 2,
  apiVersion,
  digest,
  ...(settled && { settled }),
});
const settledAs = (redisVersion: string) => ({ 'properties.redisVersion': digestOf(['value', redisVersion]) });

interface Row {
  readonly reason: string;
  readonly answer: JsonObject | undefined;
  readonly accepted?: Applied;
  readonly before?: Applied;
  readonly comparison:
    Comparison | { readonly is: Comparison['type']; readonly why?: string; readonly paths?: readonly string[] };
}

const ROWS: readonly Row[] = [
  {
    reason: 'the resource does not exist',
    answer: undefined,
    accepted: took('six', {}),
    comparison: { type: 'send', why: 'absent', paths: [] },
  },
  {
    reason: 'an operation of any client is running: nothing is sent before it ends (row 2)',
    answer: inState('Updating'),
    accepted: took('six', {}),
    comparison: { type: 'join' },
  },
  {
    reason: 'the operation of the PUT just sent is running: nothing is accepted before it ends',
    answer: inState('Creating'),
    accepted: took('six'),
    comparison: { type: 'join' },
  },
  {
    reason: 'Azure is deleting the resource',
    answer: inState('Deleting'),
    accepted: took('six', {}),
    comparison: { type: 'deleting' },
  },
  {
    reason: 'Failed without an operation: sent again, even if Azure accepted this payload before (row 12)',
    answer: inState('Failed'),
    accepted: took('six', {}),
    comparison: { type: 'send', why: 'failed', paths: [] },
  },
  {
    reason: 'Failed without an operation, and not from this operator',
    answer: inState('Failed'),
    comparison: { type: 'send', why: 'failed', paths: [] },
  },
  {
    reason: 'Failed right after Azure accepted this payload: sending it again at once would not help',
    answer: inState('Failed'),
    accepted: took('six'),
    comparison: { type: 'rejected' },
  },
  {
    reason: 'Failed after another payload, which says nothing about this one (row 5)',
    answer: inState('Failed'),
    accepted: took('five'),
    comparison: { type: 'send', why: 'failed', paths: [] },
  },
  {
    reason: 'a final state that is not a failure counts as at rest (row 12)',
    answer: inState('Disabled'),
    accepted: took('six', {}),
    comparison: { type: 'accepted', applied: took('six', {}), kept: [] },
  },
  {
    reason: 'another payload was accepted: its digest covers values that GET does not show, such as a password (row 1)',
    answer: redis('6'),
    accepted: took('five', {}),
    comparison: { type: 'send', why: 'changed', paths: [] },
  },
  {
    reason: 'the same payload was accepted at another api-version',
    answer: redis('6'),
    accepted: { ...took('six', {}), apiVersion: '2020-12-01' },
    comparison: { type: 'send', why: 'changed', paths: [] },
  },
  {
    reason: 'what was accepted is unknown, and the visible values are as desired: the hidden ones may differ',
    answer: redis('6'),
    comparison: { type: 'send', why: 'changed', paths: [] },
  },
  {
    reason: 'accepted just now, and Azure normalised a value: that is the baseline (issue 8, point 5)',
    answer: redis('6.0'),
    accepted: took('six'),
    comparison: { type: 'accepted', applied: took('six', settledAs('6.0')), kept: [] },
  },
  {
    reason: 'the answer equals the baseline',
    answer: redis('6.0'),
    accepted: took('six', settledAs('6.0')),
    comparison: { type: 'accepted', applied: took('six', settledAs('6.0')), kept: [] },
  },
  {
    reason: 'the answer differs from the baseline: drift, also at a path that differed before (row 40)',
    answer: redis('4.0'),
    accepted: took('six', settledAs('6.0')),
    comparison: { type: 'send', why: 'drift', paths: ['properties.redisVersion'] },
  },
  {
    reason: 'sent again to correct drift, and Azure keeps its own value: accepted, and reported as kept',
    answer: redis('4.0'),
    accepted: took('six'),
    before: took('six', settledAs('6.0')),
    comparison: { type: 'accepted', applied: took('six', settledAs('4.0')), kept: ['properties.redisVersion'] },
  },
  {
    reason: 'another payload was accepted before: a value that Azure normalises in this one is not reported as kept',
    answer: redis('6.0'),
    accepted: took('six'),
    before: took('five', settledAs('5.0')),
    comparison: { type: 'accepted', applied: took('six', settledAs('6.0')), kept: [] },
  },
  {
    reason:
      'an accepted digest of an older generation is the same payload: nothing is sent, and the generation moves on',
    answer: redis('6'),
    accepted: { ...took('six', {}), generation: 1 },
    comparison: { type: 'accepted', applied: took('six', {}), kept: [] },
  },
];

describe('compare', () => {
  it.each(ROWS)('$reason: $comparison.type', ({ answer, accepted, before, comparison }) => {
    expect(compare({ shape, desired, answer, accepted, before, digestOf })).toEqual(comparison);
  });
});
