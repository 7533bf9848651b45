import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { ensureBinaries, type Binaries } from '../../dev/binaries.ts';
import type { Manifest } from '../../dev/kube-api.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, openScene, readyGroup, type Scene } from './scene.ts';

const run = promisify(execFile);
const PAGE = readFileSync(join(import.meta.dirname, '../../docs/replay.md'), 'utf8');

/** A command of docs/replay.md; the word after the language names it. */
function command(name: string): string {
  const [, text] = new RegExp(`^\`\`\`sh ${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(PAGE)!;
  return text!;
}

describe('docs/replay.md', () => {
  let scene: Scene;
  let binaries: Binaries;
  let connection: Connection;
  let handle: WorkflowHandle;
  let account: Manifest;
  beforeAll(async () => {
    scene = await openScene('replay');
    binaries = await ensureBinaries(() => undefined);
    connection = await Connection.connect({ address: scene.env.stack.temporalAddress });
    account = databaseAccount(scene.namespace, 'db', { azureName: `db-${scene.namespace}` });
    const id = `DatabaseAccount.documentdb.azure.com/${scene.namespace}/db`;
    handle = new Client({ connection }).workflow.getHandle(id);
    await readyGroup(scene);
  }, 60_000);
  afterAll(async () => {
    await connection?.close();
    scene.close();
  });

  /** Runs a command of the page as a user would, for the account of this test. */
  const type = async (name: string, edit: (text: string) => string = (text) => text): Promise<string> => {
    const text = edit(command(name).replaceAll('team-a', scene.namespace));
    const { temporalAddress, kubeconfig } = scene.env.stack;
    const { stdout } = await run('bash', ['-euc', text], {
      env: {
        ...process.env,
        PATH: `${dirname(binaries.temporal)}:${dirname(binaries.kubectl)}:${process.env['PATH']}`,
        TEMPORAL_ADDRESS: temporalAddress,
        KUBECONFIG: kubeconfig,
      },
    });
    return stdout;
  };
  const puts = async (): Promise<number> => (await scene.requests({ method: 'PUT', path: /databaseAccounts/i })).length;
  const ends = async (status: string): Promise<void> => {
    await waitFor(async () => (await handle.describe()).status.name === status, 20_000);
  };
  const code = 'InvalidRequestContent';
  const refuse = (status: number, reason: string): Promise<void> =>
    scene.fault({
      method: 'PUT',
      path: '/databaseAccounts',
      times: 1,
      status,
      code: reason,
      message: 'Not like this.',
    });

  it('a failed run is found and shown with its message; an annotation starts it again', async () => {
    await refuse(400, code);
    await scene.env.apply(account);
    await scene.env.waitForCondition(keyOf(account), { status: 'False', reason: code });
    await ends('FAILED');
    // The visibility store is a moment behind.
    await waitFor(async () => (await type('list')).includes(handle.workflowId));
    expect(await type('show')).toContain('Not like this.');
    await type('annotate');
    await scene.env.waitForReady(keyOf(account));
    await ends('COMPLETED');
  }, 60_000);

  it('the annotation retry signals a run in back-off, and starts a new run after a failed one', async () => {
    await refuse(400, 'BadRequest');
    await scene.env.apply({ ...account, spec: { ...(account['spec'] as object), tags: { round: 'signal' } } });
    await scene.env.waitForCondition(keyOf(account), { status: 'False', reason: 'BadRequest' });
    await type('signal');
    await scene.env.waitForReady(keyOf(account));
    await refuse(400, code);
    await scene.env.apply({ ...account, spec: { ...(account['spec'] as object), tags: { round: 'start' } } });
    await scene.env.waitForCondition(keyOf(account), { status: 'False', reason: code });
    await ends('FAILED');
    await type('start');
    await scene.env.waitForReady(keyOf(account));
    await ends('COMPLETED');
  }, 60_000);

  it('a reset to the start or to a step does not send a PUT that Azure has accepted', async () => {
    const before = await puts();
    const first = await type('reset-first');
    expect(first).toContain('Reset');
    await ends('COMPLETED');
    const { events } = await handle.fetchHistory();
    const scheduled = (events ?? []).find(
      ({ activityTaskScheduledEventAttributes: step }) => step?.activityId === 'createOrUpdate',
    );
    const completed = scheduled?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId;
    await type('reset-event', (text) => text.replace('--event-id 4', `--event-id ${completed}`));
    await ends('COMPLETED');
    expect(await handle.result()).toMatchObject({ state: 'Ready' });
    expect(await puts()).toBe(before);
  }, 60_000);

  it('a step that waits for Azure can be found, paused and resumed', async () => {
    await scene.hold();
    await scene.env.apply({ ...account, spec: { ...(account['spec'] as object), tags: { round: 'pause' } } });
    await waitFor(async () => (await type('query')).includes('pollProvisioning'));
    expect(await type('describe')).toContain('pollProvisioning');
    await type('pause');
    await waitFor(async () => /paused/i.test(await type('describe')));
    await scene.release();
    await type('unpause');
    await scene.env.waitForReady(keyOf(account));
  }, 60_000);
});
