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
    ['Canceled', 'failed', 'somebody canceled it'],
    ['UpgradeFailed', 'failed', 'a failed end'],
    ['RestoreFailed', 'failed', 'unlisted; recognized by its ending'],
    ['DeleteError', 'failed', 'another word for it'],
    ['TimedOut', 'failed', 'Azure gave up'],
    ['Disabled', 'succeeded', 'no operation runs: waiting does not help'],
    ['Unhealthy', 'succeeded', 'the health of a resource is not an operation'],
    ['AwaitingManualAction', 'succeeded', 'a person must act: it may take for ever'],
    ['Provisioned', 'succeeded', 'an end of Web'],
    ['Mothballed', 'succeeded', 'an unlisted word is an end'],
    ['Updating', 'running', 'the usual'],
    ['ResolvingDns', 'running', 'storage'],
    ['Accepted', 'running', 'Service Bus and networks, before they begin'],
    ['Running', 'running', 'as a provisioning state, an operation runs'],
    ['RecoveringScaleFailure', 'running', 'Azure is repairing a failure'],
    ['Repairing', 'running', 'unlisted; recognized by its ending'],
    ['RestoreInProgress', 'running', 'the same'],
  ];
  it.each(rows)('%s is %s: %s', (word, phase) => {
    expect(phaseOfResource({ properties: { provisioningState: word } })).toEqual({ phase, word });
  });
  it.each<[why: string, body: Record<string, Json> | undefined, phase: string, word: string]>([
    ['no body: nothing indicates an operation', undefined, 'succeeded', 'Succeeded'],
    ['neither state: the resource exists, so it is done', { properties: {} }, 'succeeded', 'Succeeded'],
    ['a state that is not a string', { properties: { provisioningState: 5 } }, 'succeeded', 'Succeeded'],
    ['a MySQL server at work', { properties: { state: 'Updating' } }, 'running', 'Updating'],
    ['a PostgreSQL server being made', { properties: { state: 'Provisioning' } }, 'running', 'Provisioning'],
    ['a MySQL server at rest', { properties: { state: 'Ready' } }, 'succeeded', 'Ready'],
    ['a server that was stopped', { properties: { state: 'Stopped' } }, 'succeeded', 'Stopped'],
    [
      'a server whose encryption key was deleted',
      { properties: { state: 'Inaccessible' } },
      'succeeded',
      'Inaccessible',
    ],
    ['a site: state is that of the service', { properties: { state: 'Running' } }, 'succeeded', 'Running'],
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
