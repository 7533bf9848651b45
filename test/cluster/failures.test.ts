import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { databaseAccount, openScene, readyGroup, type Scene } from './scene.ts';

/** Each test waits for resources of its own, so they wait beside each other. */
const it = test.concurrent;

describe('errors of Azure', () => {
  let scene: Scene;
  let temporal: Connection;

  beforeAll(async () => {
    scene = await openScene('failures');
    temporal = await Connection.connect({ address: scene.env.stack.temporalAddress });
    await readyGroup(scene);
  }, 60_000);
  afterAll(async () => {
    await temporal.close();
    scene.close();
  });

  const account = (name: string, spec: object = {}) =>
    databaseAccount(scene.namespace, `${name}-${scene.namespace}`, spec);
  const puts = (name: string) => scene.requests({ method: 'PUT', path: new RegExp(`/databaseAccounts/${name}-`, 'i') });

  it.each([
    {
      name: 'conflict',
      fault: { status: 409, code: 'AnotherOperationInProgress', message: 'Another operation is in progress on it.' },
      why: 'the resource is busy for a moment: again after a second',
    },
    {
      name: 'unknown',
      fault: { status: 500, code: 'SomethingNobodyKnows', message: 'We are at a loss.' },
      why: 'a code that is on no list is retried, not given up',
    },
    {
      name: 'throttled',
      fault: { status: 429, code: 'TooManyRequests', message: 'Too many requests.', retryAfter: 2 },
      why: 'obeyed: not before Retry-After',
    },
  ])(
    'shows $fault.code with its message and tries again ($why)',
    async ({ name, fault }) => {
      const { env } = scene;
      const manifest = account(name);
      await scene.fault({ method: 'PUT', path: `/${name}-`, times: 1, ...fault });
      await env.apply(manifest);
      const failed = await env.waitForCondition(keyOf(manifest), {
        status: 'False',
        severity: 'Warning',
        reason: fault.code,
      });
      expect(readyOf(failed)?.message).toContain(fault.message);
      await env.waitForReady(keyOf(manifest), 40_000);
      const [first, second, ...more] = await puts(name);
      expect(more).toEqual([]);
      const pause = (second?.at ?? 0) - (first?.at ?? 0);
      expect(pause).toBeGreaterThanOrEqual((fault.retryAfter ?? 1) * 1_000 - 50);
    },
    60_000,
  );

  it('a 400 is shown and retried slowly, but an edit is sent at once', async () => {
    const { env } = scene;
    await scene.fault({ method: 'PUT', path: '/bad-', status: 400, code: 'BadRequest', message: 'That cannot be.' });
    await env.apply(account('bad'));
    const failed = await env.waitForCondition(keyOf(account('bad')), {
      status: 'False',
      severity: 'Warning',
      reason: 'BadRequest',
    });
    expect(readyOf(failed)?.message).toContain('That cannot be.');
    await env.apply(account('bad', { tags: { edited: 'yes' } }));
    await env.waitForReady(keyOf(account('bad')), 10_000);
  }, 60_000);

  it('a fatal error is shown with severity Error and fails the run; the next edit starts a new run', async () => {
    const { env, namespace } = scene;
    const code = 'InvalidRequestContent';
    await scene.fault({ method: 'PUT', path: '/fatal-', status: 400, code, message: 'The content is invalid.' });
    await env.apply(account('fatal'));
    const failed = await env.waitForCondition(keyOf(account('fatal')), {
      status: 'False',
      severity: 'Error',
      reason: code,
    });
    expect(readyOf(failed)?.message).toContain('The content is invalid.');
    const { metadata } = account('fatal');
    const id = `DatabaseAccount.documentdb.azure.com/${namespace}/${metadata.name}`;
    const workflow = new Client({ connection: temporal }).workflow.getHandle(id);
    await waitFor(async () => (await workflow.describe()).status.name === 'FAILED');
    await expect(workflow.result()).rejects.toMatchObject({ cause: { type: code } });
    expect(await puts('fatal')).toHaveLength(1);

    await env.apply(account('fatal', { tags: { edited: 'yes' } }));
    await env.waitForReady(keyOf(account('fatal')), 15_000);
    await waitFor(async () => (await workflow.describe()).status.name === 'COMPLETED');
  }, 60_000);

  it('the error of a failed operation is shown', async () => {
    const { env } = scene;
    await scene.fault({
      method: 'PUT',
      path: '/broken-',
      operation: 'fail',
      code: 'AllocationFailed',
      message: 'There is no room.',
    });
    await env.apply(account('broken'));
    const failed = await env.waitForCondition(keyOf(account('broken')), {
      status: 'False',
      reason: 'AllocationFailed',
    });
    expect(readyOf(failed)?.message).toContain('There is no room.');
    // The operation is over; asking it again would not help, so the desired state is sent again.
    await waitFor(async () => (await puts('broken')).length >= 2);
  }, 60_000);
});
