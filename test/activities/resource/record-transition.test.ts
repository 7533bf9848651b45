import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { recordTransition } from '../../../activities/resource/record-transition.ts';
import { renderEventsPage } from '../../../activities/resource/events-page.ts';
import { eventOf, logLineOf, TRANSITIONS } from '../../../activities/resource/transitions.ts';
import { StepContext } from '../../../activities/step-context.ts';
import { loadKinds } from '../../../kinds/load.ts';
import type { EventInput } from '../../../kube/events.ts';

const kind = loadKinds().find({ group: 'documentdb.azure.com', kind: 'DatabaseAccount' })!;
const resource = {
  kind,
  ref: { group: kind.group, kind: kind.kind, namespace: 'n', name: 'x' },
  object: {
    apiVersion: `${kind.group}/v1storage`,
    kind: kind.kind,
    metadata: { name: 'x', uid: 'u', resourceVersion: '1' },
  },
};

describe('an event about a resource', () => {
  const recorded: EventInput[] = [];
  const events = { record: (event: EventInput) => recorded.push(event) };
  const step = () => new StepContext({ scheduledAt: 1, step: 1 });
  const failedWith = (message: string, of = step()): EventInput | undefined => {
    recorded.length = 0;
    recordTransition({ events, step: of }, resource, 'Failed', { reason: 'Conflict', message });
    return recorded[0];
  };

  it('has the reason, the type and the message of its row', () => {
    expect(failedWith('No.')).toMatchObject({ type: 'Warning', reason: 'Conflict', note: 'No.', action: 'Reconcile' });
  });

  it('names the version that kubectl uses for the kind, because kubectl events finds no other', () => {
    const [newest] = Object.values(kind.served)
      .flat()
      .filter((name) => /^v\d+$/.test(name))
      .toSorted()
      .toReversed();
    expect(failedWith('m')?.regarding.apiVersion).toBe(`documentdb.azure.com/${newest}`);
  });

  it('is not written by a step that was cancelled; the log still tells what was done', () => {
    const cancelled = step();
    cancelled.supersede();
    expect(failedWith('m', cancelled)).toBeUndefined();
    expect(cancelled.transitions).toMatchObject([{ name: 'Failed' }]);
  });

  it('has no value that the step has sent', () => {
    const of = step();
    of.hide(['hunter2-s3cret']);
    expect(failedWith('the password hunter2-s3cret is refused', of)?.note).toBe('the password <hidden> is refused');
    expect(JSON.stringify(of.transitions)).not.toContain('hunter2');
  });

  it('is the same although Azure names another request', () => {
    const [one, two] = ['a', 'b'].map((digit) => failedWith(`Request ${digit}aaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee.`));
    expect(one?.note).not.toBe(two?.note);
    expect(one?.sameness).toBe(two?.sameness);
  });
});

describe('the table of transitions', () => {
  it('docs/events.md is up to date (npm run generate)', () => {
    expect(readFileSync('docs/events.md', 'utf8')).toBe(renderEventsPage());
  });

  it('every row is told somewhere, and an Event has a reason and an action that the API server accepts', () => {
    for (const [name, row] of Object.entries(TRANSITIONS)) {
      expect([name, 'event' in row || 'log' in row]).toEqual([name, true]);
      if (!('event' in row)) continue;
      const { reason, action, when } = row.event;
      expect([name, action]).toEqual([name, expect.stringMatching(/^[A-Z]\w+$/)]);
      if (reason !== null) expect(reason).toMatch(new RegExp(`^[A-Z]\\w{1,127}$`));
      expect(when).not.toBe('');
    }
  });

  it('its text is filled with the facts', () => {
    const facts = { paths: 'tags.a, tags.b', generation: 3, apiVersion: '2021-05-15' };
    expect(eventOf({ name: 'DriftFound', facts })?.note).toBe(
      'somebody else changed tags.a, tags.b in Azure: generation 3 is sent again with api-version 2021-05-15',
    );
  });

  it('the log says in its line what the Event has in columns', () => {
    const waiting = { name: 'Waiting', facts: { reason: 'SecretNotFound', message: 'no Secret n/s' } } as const;
    expect(eventOf(waiting)).toMatchObject({ reason: 'SecretNotFound', note: 'no Secret n/s' });
    expect(logLineOf(waiting)).toEqual({ level: 'info', text: 'waiting: SecretNotFound: no Secret n/s' });
  });

  it.each([
    { why: 'the answer of Azure, which the request has told', name: 'PutAnswered', event: false, log: true },
    { why: 'a request, whose answer will be told', name: 'CreateSent', event: true, log: false },
  ] as const)('a row can be told in one place only: $why', ({ name, event, log }) => {
    expect(eventOf({ name, facts: {} }) !== undefined).toBe(event);
    expect(logLineOf({ name, facts: {} }) !== undefined).toBe(log);
  });
});
