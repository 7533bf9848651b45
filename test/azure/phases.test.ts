import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../azure/contract.ts';
import { phaseOfOperation, phaseOfResource } from '../../azure/operation.ts';
import { PROVISIONING_STATES } from '../../azure/provisioning-states.ts';

const types = new URL('../../kinds/facts/types/', import.meta.url);

describe('the table of provisioning states', () => {
  it('has every word of the type files, each once', () => {
    const listed = Object.values(PROVISIONING_STATES).flat();
    const lower = listed.map((word) => word.toLowerCase());
    expect(new Set(lower).size).toBe(lower.length);
    const known = new Set(lower);
    const missing = [...wordsOfTypes()].filter((word) => !known.has(word.toLowerCase()));
    expect(missing).toEqual([]);
  });
});

describe('a resource at rest', () => {
  const rows: [word: string, phase: string, why: string][] = [
    ['Succeeded', 'succeeded', 'the usual end'],
    ['succeeded', 'succeeded', 'case does not matter'],
    ['Failed', 'failed', 'Azure gave up: not Ready'],
    ['Canceled', 'failed', 'ended by hand'],
    ['UpgradeFailed', 'failed', 'an end, and a bad one'],
    ['RestoreFailed', 'failed', 'nobody listed it, but it says so itself'],
    ['DeleteError', 'failed', 'the same in other words'],
    ['TimedOut', 'failed', 'Azure gave up'],
    ['Disabled', 'succeeded', 'nothing works on it: waiting does not help'],
    ['Unhealthy', 'succeeded', 'health is no operation'],
    ['AwaitingManualAction', 'succeeded', 'a person must act: it may take for ever'],
    ['Provisioned', 'succeeded', 'an end of Web'],
    ['Mothballed', 'succeeded', 'what nobody knows is an end'],
    ['Updating', 'running', 'the usual'],
    ['ResolvingDns', 'running', 'storage'],
    ['Accepted', 'running', 'Service Bus and networks, before they begin'],
    ['Running', 'running', 'as a provisioning state it is work'],
    ['RecoveringScaleFailure', 'running', 'a failure that Azure is mending'],
    ['Repairing', 'running', 'nobody listed it, but it says so itself'],
    ['RestoreInProgress', 'running', 'the same'],
  ];
  it.each(rows)('%s is %s: %s', (word, phase) => {
    expect(phaseOfResource({ properties: { provisioningState: word } })).toEqual({ phase, word });
  });
  it.each<[why: string, body: Record<string, Json> | undefined, phase: string, word: string]>([
    ['no body: nothing says that it runs', undefined, 'succeeded', 'Succeeded'],
    ['neither word: it is there, so it is done', { properties: {} }, 'succeeded', 'Succeeded'],
    ['a word that is no string', { properties: { provisioningState: 5 } }, 'succeeded', 'Succeeded'],
    ['a MySQL server at work', { properties: { state: 'Updating' } }, 'running', 'Updating'],
    ['a PostgreSQL server being made', { properties: { state: 'Provisioning' } }, 'running', 'Provisioning'],
    ['a MySQL server at rest', { properties: { state: 'Ready' } }, 'succeeded', 'Ready'],
    ['a server that was stopped', { properties: { state: 'Stopped' } }, 'succeeded', 'Stopped'],
    ['one whose key is gone', { properties: { state: 'Inaccessible' } }, 'succeeded', 'Inaccessible'],
    ['a site: state is its life', { properties: { state: 'Running' } }, 'succeeded', 'Running'],
    ['a package that waits for a person', { properties: { state: 'Pending' } }, 'succeeded', 'Pending'],
    [
      'provisioningState goes before state',
      { properties: { provisioningState: 'Succeeded', state: 'Updating' } },
      'succeeded',
      'Succeeded',
    ],
    ['some have it at the top', { provisioningState: 'Creating' }, 'running', 'Creating'],
  ])('%s', (_why, body, phase, word) => {
    expect(phaseOfResource(body)).toEqual({ phase, word });
  });
});

describe('the status of an operation', () => {
  it.each([
    ['Succeeded', 'succeeded'],
    ['Completed', 'succeeded'],
    ['Failed', 'failed'],
    ['Canceled', 'failed'],
    ['Cancelled', 'failed'],
    ['TimedOut', 'failed'],
    ['ProvisioningFailed', 'failed'],
    ['InProgress', 'running'],
    ['Enqueued', 'running'],
    ['Dequeued', 'running'],
    ['RecoveringScaleFailure', 'running'],
    // A resource with this word is at rest; an operation with it has not ended.
    ['Created', 'running'],
    ['Ready', 'running'],
    ['Whatever', 'running'],
  ])('%s: %s', (word, phase) => {
    expect(phaseOfOperation(word)).toBe(phase);
  });
});

function wordsOfTypes(): Set<string> {
  const words = new Set<string>();
  const files = readdirSync(types, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  for (const file of files) {
    const text = readFileSync(new URL(file, types), 'utf8');
    for (const [, list = ''] of text.matchAll(/"provisioningState":\{[^{}]*?"enum":\[([^\]]*)\]/gi))
      for (const [, word = ''] of list.matchAll(/"([^"]*)"/g)) words.add(word);
  }
  expect(words.size).toBeGreaterThan(90);
  return words;
}
