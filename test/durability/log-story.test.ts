import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ManagedProcess } from '../../dev/processes.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { logLines, type LogLine } from '../support/log-lines.ts';
import { startDurableStack, workflowIdOf, type DurableStack } from './durable-stack.ts';
import { account, resourceGroup } from './manifests.ts';

const PERIOD_S = 3;
const GROUP = 'story-rg';
const ACCOUNT = 'story-account';

/** What somebody reads who has the logs of the processes and nothing else. */
describe('the logs of worker and watchers', () => {
  let durable: DurableStack;
  let processes: ManagedProcess[];

  beforeAll(async () => {
    durable = await startDurableStack();
    const environment = { AZURE_SYNC_PERIOD: `${String(PERIOD_S)}s` };
    processes = [durable.startWorker(), durable.startWatcher(environment)];
    await durable.logged(processes[1]!, 'leading');
    processes.push(durable.startWatcher(environment));
    await durable.logged(processes[2]!, 'following');
    await durable.kube.apply(resourceGroup(GROUP));
    await durable.kube.apply(account(ACCOUNT, GROUP));
    await durable.ready(resourceGroup(GROUP), 30_000);
    await durable.ready(account(ACCOUNT, GROUP), 30_000);
    // Each is still signalled for its status and its Secrets.
    await sleep(2_000);
  }, 120_000);

  afterAll(async () => {
    await durable?.stop();
  }, 30_000);

  const texts = (): string[] => processes.map(({ logFile }) => readFileSync(logFile, 'utf8'));
  const allLines = (): LogLine[] => logLines(...processes.map(({ logFile }) => logFile));

  it('are silent while nothing happens, although every resource is compared with Azure again and again', async () => {
    const before = texts();
    const compared = await durable.sent('GET', GROUP);
    await sleep(4 * PERIOD_S * 1_000);
    expect((await durable.sent('GET', GROUP)) - compared).toBeGreaterThanOrEqual(3);
    expect(texts().map((text, index) => text.slice(before[index]!.length))).toEqual(['', '', '']);
  }, 60_000);

  it('tell the story of a resource, in order, to whoever looks for its workflow id', async () => {
    await durable.kube.apply(resourceGroup(GROUP, { changed: 'yes' }));
    await durable.ready(resourceGroup(GROUP), 30_000);
    const fault = { match: { method: 'PUT', path: `/${GROUP}\\?` }, status: 400, code: 'LocationRequired', times: 99 };
    await durable.simulator('POST', '/faults', { ...fault, message: 'The location is missing.' });
    await durable.kube.apply(resourceGroup(GROUP, { changed: 'again' }));
    await waitFor(async () => {
      const object = await durable.kube.get(keyOf(resourceGroup(GROUP)));
      return object && readyOf(object)?.reason === 'LocationRequired' ? true : undefined;
    }, 20_000);
    await durable.kube.delete(keyOf(account(ACCOUNT, GROUP)));
    await durable.gone(keyOf(account(ACCOUNT, GROUP)), 30_000);
    await durable.kube.delete(keyOf(resourceGroup(GROUP)));
    await durable.gone(keyOf(resourceGroup(GROUP)), 30_000);

    const storyOfGroup = (): LogLine[] =>
      allLines().filter(({ workflowId }) => workflowId === workflowIdOf(resourceGroup(GROUP)));
    // A step writes its lines when it ends; the resource is gone before that.
    await waitFor(() => storyOfGroup().some(({ msg }) => msg.startsWith('the finalizer is removed')), 10_000);
    const story = storyOfGroup();
    // Each resync tries what failed once more.
    const all = story.filter(({ process }) => process === 'worker').map(({ msg }) => msg);
    const told = all.filter((msg, index) => msg !== all[index - 1]);
    const expected = [
      /^claimed \/subscriptions\/.*\/resourceGroups\/story-rg$/,
      /^sent generation 1 to Azure \(absent\), which answered HTTP 201$/,
      /^generation 1 is ready in Azure$/,
      /^sent generation 2 to Azure \(changed\), which answered HTTP 200$/,
      /^generation 2 is ready in Azure$/,
      /^createOrUpdate failed: LocationRequired: .*The location is missing\..*; no further attempt until/,
      /^sent DELETE to Azure, which answered HTTP 202$/,
      /^Azure is deleting \/subscriptions\/.* since /,
      /^the finalizer is removed: Kubernetes may delete the resource now$/,
    ];
    expect(told).toEqual(expected.map((line) => expect.stringMatching(line) as unknown));
    const signals = story.filter(({ process }) => process === 'watcher').map(({ msg, because }) => [msg, because]);
    expect(signals.filter(([msg]) => msg === 'signalled').length).toBeGreaterThanOrEqual(4);
    expect(story[0]).toMatchObject({ process: 'watcher', msg: 'signalled', because: 'changed' });
  }, 120_000);

  it('have one line for an attempt that failed, with everything that leads to it', () => {
    const lines = allLines().filter((line) => JSON.stringify(line).includes('LocationRequired'));
    expect(lines).toHaveLength(new Set(lines.map(({ runId }) => runId)).size);
    for (const line of lines)
      expect(line).toMatchObject({
        level: 'error',
        process: 'worker',
        resource: `ResourceGroup.resources.azure.com default/${GROUP}`,
        workflowId: workflowIdOf(resourceGroup(GROUP)),
        runId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        step: 'createOrUpdate',
        attempt: 1,
        reason: 'LocationRequired',
        requestId: expect.stringMatching(/./),
      });
    expect(lines).not.toEqual([]);
  });

  it('are JSON lines only, with a time and the level as a word, and without colours', () => {
    for (const { time, level } of allLines()) {
      expect(new Date(time).toISOString()).toBe(time);
      expect(['info', 'warn', 'error']).toContain(level);
    }
    expect(texts().join('')).not.toContain('\u001b');
  });
});
