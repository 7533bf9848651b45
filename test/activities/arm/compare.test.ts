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
    reason: 'nothing is there',
    answer: undefined,
    accepted: took('six', {}),
    comparison: { type: 'send', why: 'absent', paths: [] },
  },
  {
    reason: 'Azure works on it, for whomever: nothing is sent before that is over (row 2)',
    answer: inState('Updating'),
    accepted: took('six', {}),
    comparison: { type: 'join' },
  },
  {
    reason: 'it is busy with exactly what was sent just now: it is not accepted before that is over',
    answer: inState('Creating'),
    accepted: took('six'),
    comparison: { type: 'join' },
  },
  {
    reason: 'Azure deletes it',
    answer: inState('Deleting'),
    accepted: took('six', {}),
    comparison: { type: 'deleting' },
  },
  {
    reason: 'it rests as Failed: sent again, though Azure once accepted just this (row 12)',
    answer: inState('Failed'),
    accepted: took('six', {}),
    comparison: { type: 'send', why: 'failed', paths: [] },
  },
  {
    reason: 'it rests as Failed and was never ours',
    answer: inState('Failed'),
    comparison: { type: 'send', why: 'failed', paths: [] },
  },
  {
    reason: 'it rests as Failed right after Azure accepted just this: sending it at once again would not help',
    answer: inState('Failed'),
    accepted: took('six'),
    comparison: { type: 'rejected' },
  },
  {
    reason: 'it rests as Failed after another payload: that says nothing of this one (row 5)',
    answer: inState('Failed'),
    accepted: took('five'),
    comparison: { type: 'send', why: 'failed', paths: [] },
  },
  {
    reason: 'an end that is no failure is rest (row 12)',
    answer: inState('Disabled'),
    accepted: took('six', {}),
    comparison: { type: 'accepted', applied: took('six', {}), kept: [] },
  },
  {
    reason: 'another payload was accepted: its digest covers what no GET shows, such as a password (row 1)',
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
    reason: 'nobody knows what was accepted, and all that shows is as desired: what does not show may differ',
    answer: redis('6'),
    comparison: { type: 'send', why: 'changed', paths: [] },
  },
  {
    reason: 'accepted just now, and Azure writes it in its own way: that is the baseline (issue 8, point 5)',
    answer: redis('6.0'),
    accepted: took('six'),
    comparison: { type: 'accepted', applied: took('six', settledAs('6.0')), kept: [] },
  },
  {
    reason: 'Azure still has what the baseline says',
    answer: redis('6.0'),
    accepted: took('six', settledAs('6.0')),
    comparison: { type: 'accepted', applied: took('six', settledAs('6.0')), kept: [] },
  },
  {
    reason: 'it has moved away from the baseline: drift, in a settled place too (row 40)',
    answer: redis('4.0'),
    accepted: took('six', settledAs('6.0')),
    comparison: { type: 'send', why: 'drift', paths: ['properties.redisVersion'] },
  },
  {
    reason: 'it was sent again for that, and Azure keeps its own: settled, and told',
    answer: redis('4.0'),
    accepted: took('six'),
    before: took('six', settledAs('6.0')),
    comparison: { type: 'accepted', applied: took('six', settledAs('4.0')), kept: ['properties.redisVersion'] },
  },
  {
    reason: 'another payload was accepted before: that Azure writes this one otherwise is nothing to tell',
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
