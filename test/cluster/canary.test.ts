import { Connection } from '@temporalio/client';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LiveObject, Manifest } from '../../dev/kube-api.ts';
import { cosmosKeys } from '../../simulator/keys.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { logLines } from '../support/log-lines.ts';
import { databaseAccount, flexibleServer, openScene, readyGroup, secret, secretValues, type Scene } from './scene.ts';

/** In any of these forms a secret is still one. A base64 of more than it, at any offset, holds one of the three last. */
function formsOf(canary: string): string[] {
  const encoded = [0, 1, 2].map((offset) => {
    const text = Buffer.from('x'.repeat(offset) + canary).toString('base64');
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  return [
    canary,
    encodeURIComponent(canary),
    JSON.stringify(canary).slice(1, -1),
    Buffer.from(canary).toString('hex'),
    Buffer.from(canary).toString('base64url'),
    ...encoded,
  ];
}

describe('secret values are in Secrets only', () => {
  let scene: Scene;
  let server: Manifest;
  let account: Manifest;
  const password = `Canary+1/"quoted"-${crypto.randomUUID()}`;
  const changed = `Canary-2-${crypto.randomUUID()}`;
  /** Of a server whose operation fails, and which Azure then does not delete. */
  const failing = `Canary+3/"é"&<x>\\-${crypto.randomUUID()}`;
  /** Of a server whose polls fail while the operation runs. */
  const held = `Canary+4/ '%'-${crypto.randomUUID()}`;
  let operationMessage: string;
  /** Azure repeats its password in answers to GET, where nobody looks for one. */
  const echoed = `Canary-5-${crypto.randomUUID()}`;
  let echo: Manifest;
  let broken: Manifest;
  let waiting: Manifest;

  /** What an answer of ARM may make of a body: the value itself, JSON within a text, a URL, base64. */
  const quoting = (value: string, what = 'body'): string =>
    `Invalid ${what} ${JSON.stringify({ properties: { note: value, all: JSON.stringify({ a: value }) } })}: "${value}", ` +
    `https://example.com/?p=${encodeURIComponent(value)}, p=${encodeURIComponent(value)}, ${Buffer.from(value).toString('base64')}`;

  beforeAll(async () => {
    scene = await openScene('canary');
    const { env, namespace } = scene;
    await readyGroup(scene);
    server = flexibleServer(namespace, `server-${namespace}`, {});
    account = databaseAccount(namespace, `account-${namespace}`, {
      operatorSpec: {
        secrets: {
          primaryMasterKey: { name: 'keys', key: 'primary' },
          secondaryMasterKey: { name: 'keys', key: 'secondary' },
        },
      },
    });
    // Paths on which values are careless company: failures at each step, an update, a refusal by the cluster.
    await env.apply(secret(namespace, 'server-admin-pw', { password }));
    await scene.fault({
      method: 'PUT',
      path: `server-${namespace}`,
      status: 409,
      code: 'Conflict',
      message: quoting(password),
    });
    await scene.fault({
      method: 'POST',
      path: 'listKeys',
      status: 503,
      code: 'ServiceUnavailable',
      message: 'Not now.',
    });
    await scene.fault({ method: 'GET', path: '(?:azureAsyncOperation|operationsStatus)', times: 2, reset: 'after' });
    await env.apply(server);
    await env.apply(account);
    await env.waitForReady(keyOf(server), 60_000);
    await env.waitForReady(keyOf(account), 60_000);
    await env.apply(secret(namespace, 'server-admin-pw', { password: changed }));
    const path = new RegExp(`/flexibleServers/server-${namespace}`, 'i');
    await waitFor(async () => (await scene.requests({ method: 'PUT', path })).length >= 3, 15_000);
    await env.waitForReady(keyOf(server), 60_000);
    await carelessAzure();
  }, 150_000);
  afterAll(() => scene.close());

  /** ARM quotes what it was sent: in a failed operation, a refused deletion, a failed poll, an answer to GET. */
  async function carelessAzure(): Promise<void> {
    const { env, namespace } = scene;
    await env.apply(secret(namespace, 'failing-pw', { password: failing }));
    await env.apply(secret(namespace, 'held-pw', { password: held }));
    const of = (name: string): Manifest =>
      flexibleServer(namespace, `${name}-${namespace}`, {
        administratorLoginPassword: { name: `${name}-pw`, key: 'password' },
      });
    [broken, waiting, echo] = [of('failing'), of('held'), of('echo')];
    await env.apply(secret(namespace, 'echo-pw', { password: echoed }));
    const { subscriptionId } = scene.subscription;
    await scene.tell('drift', {
      id: `/subscriptions/${subscriptionId}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/${echo.metadata.name}`,
      insist: 'reads',
      patch: { tags: { note: echoed, text: `is ${echoed}.`, plain: 'shown' } },
    });
    await env.apply(echo);
    await scene.fault({
      method: 'PUT',
      path: `failing-${namespace}`,
      operation: 'fail',
      code: 'InternalServerError',
      message: quoting(failing),
    });
    await env.apply(broken);
    operationMessage = await messageOf(broken, /Invalid body/);
    await scene.fault({
      method: 'DELETE',
      path: `failing-${namespace}`,
      status: 409,
      code: failing.replace(/[^\w-]/g, ''),
      message: quoting(failing, 'deletion'),
      times: 9,
    });
    await env.kube.delete(keyOf(broken));
    await messageOf(broken, /Invalid deletion/);
    await env.waitForReady(keyOf(echo), 30_000);
    await scene.hold();
    await env.apply(waiting);
    await messageOf(waiting, /Azure has been working on/);
    await scene.fault({
      method: 'GET',
      path: '(?:azureAsyncOperation|operationsStatus)',
      status: 500,
      code: 'InternalServerError',
      message: quoting(held, 'poll'),
      times: 9,
    });
    await messageOf(waiting, /Invalid poll/);
  }

  async function messageOf(manifest: Manifest, wanted: RegExp): Promise<string> {
    return await waitFor(async () => {
      const object = await scene.env.kube.get(keyOf(manifest));
      const message = object && readyOf(object)?.message;
      return message !== undefined && wanted.test(message) ? message : undefined;
    }, 30_000);
  }

  /** Every secret of the scene by name. The keys go whole; of signed URLs and bearer tokens what all of them share. */
  function canaries(): Record<string, string> {
    const keys = cosmosKeys(account.metadata.name);
    return {
      password,
      'changed password': changed,
      'failing password': failing,
      'held password': held,
      'echoed password': echoed,
      'client secret': scene.subscription.clientSecret,
      'primary key': keys.primaryMasterKey,
      'secondary key': keys.secondaryMasterKey,
      'primary readonly key': keys.primaryReadonlyMasterKey,
    };
  }

  /** Which canaries are in these bytes. */
  function found(bytes: Buffer): string[] {
    return Object.entries(canaries()).flatMap(([name, value]) =>
      formsOf(value).some((form) => bytes.includes(form)) ? [name] : [],
    );
  }

  /** Signed URLs and bearer tokens, of this and of all other tests. */
  function tokensIn(bytes: Buffer): string[] {
    const text = bytes.toString('latin1');
    const header = Buffer.from(JSON.stringify({ typ: 'JWT', alg: 'RS256' })).toString('base64url');
    return [
      ...(text.includes(header) ? ['bearer token'] : []),
      ...(/Bearer\s+[A-Za-z0-9_-]{16}/.test(text) ? ['authorization header'] : []),
      // The certificate of a signed poll URL follows its time stamp.
      ...(/[?&]t=\d{6,}&c=[A-Za-z0-9%_-]{16}/.test(text) ? ['signed poll URL'] : []),
    ];
  }

  async function resources(): Promise<LiveObject[]> {
    const objects = await Promise.all(
      [server, account, echo, broken, waiting].map((manifest) => scene.env.kube.get(keyOf(manifest))),
    );
    return objects.filter((object) => object !== undefined);
  }

  it('the test is effective: the keys were written, and the search finds a planted value', async () => {
    const keys = cosmosKeys(account.metadata.name);
    expect(await secretValues(scene, 'keys')).toEqual({
      primary: keys.primaryMasterKey,
      secondary: keys.secondaryMasterKey,
    });
    expect(found(Buffer.from(quoting(failing)))).toEqual(['failing password']);
    expect(found(Buffer.from(`a log line with ${JSON.stringify(password)} in it`))).toEqual(['password']);
    for (const lead of ['', 'a', 'ab', 'abc'])
      expect(found(Buffer.from(Buffer.from(`${lead}${changed} and more`).toString('base64')))).toEqual([
        'changed password',
      ]);
  });

  it('not in the database of Temporal', () => {
    const { temporalDbFile } = scene.env.stack;
    const files = ['', '-wal', '-journal'].map((suffix) => temporalDbFile + suffix);
    const bytes = Buffer.concat(files.flatMap((file) => readIfThere(file)));
    // The story itself is there, so this is the right file.
    expect(bytes.includes(account.metadata.name)).toBe(true);
    expect([...found(bytes), ...tokensIn(bytes)]).toEqual([]);
  });

  it('not in what the conditions say of a failed operation, a refused deletion and a failed poll, although Azure quotes it', async () => {
    const messages = [
      operationMessage,
      await messageOf(broken, /Invalid deletion/),
      await messageOf(waiting, /Invalid poll/),
    ];
    for (const message of messages) expect(message).toContain('<hidden>');
    expect(found(Buffer.from(messages.join()))).toEqual([]);
  });

  it('not in the heartbeats and last failures of activities that Temporal describes', async () => {
    const { env, namespace } = scene;
    const connection = await Connection.connect({ address: env.stack.temporalAddress });
    try {
      const { name } = waiting.metadata;
      const execution = { workflowId: `FlexibleServer.dbformysql.azure.com/${namespace}/${name}` };
      const { pendingActivities } = await connection.workflowService.describeWorkflowExecution({
        namespace: 'default',
        execution,
      });
      const details = pendingActivities?.flatMap(({ heartbeatDetails }) => heartbeatDetails?.payloads ?? []) ?? [];
      const failures = pendingActivities?.map(({ lastFailure }) => lastFailure?.message ?? '') ?? [];
      expect(failures.join()).toContain('<hidden>');
      const bytes = Buffer.concat([
        ...details.map(({ data }) => Buffer.from(data ?? [])),
        Buffer.from(JSON.stringify(pendingActivities)),
      ]);
      expect([...found(bytes), ...tokensIn(bytes)]).toEqual([]);
    } finally {
      await connection.close();
    }
  });

  it('not in a log, at level debug, of worker, watcher or any other process', () => {
    const { logDirectory } = scene.env.stack;
    for (const part of ['worker', 'watcher']) {
      const lines = logLines(join(logDirectory, `${part}.log`));
      const story = lines.filter(({ workflowId }) => workflowId?.endsWith(`/${account.metadata.name}`) === true);
      // The story of the steps that handled the secrets is there, so these are the right lines.
      expect(story.length).toBeGreaterThan(0);
      if (part === 'worker')
        expect(story.filter(({ level }) => level === 'debug').map(({ step }) => step)).toContain('writeSecrets');
    }
    const leaks = readdirSync(logDirectory).flatMap((name) => {
      const bytes = readFileSync(join(logDirectory, name));
      // The control plane's own logs are not ours, but hold nothing either.
      return [...found(bytes), ...tokensIn(bytes)].map((what) => `${name}: ${what}`);
    });
    expect(leaks).toEqual([]);
  });

  it('not in the metrics', async () => {
    const answer = await fetch(`http://${scene.env.stack.metricsAddress}/metrics`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    // The steps that handled the secrets are counted there, so this is the right page.
    expect(bytes.includes('activity_type="writeSecrets"')).toBe(true);
    expect([...found(bytes), ...tokensIn(bytes)]).toEqual([]);
  });

  it('not in an event, nor in the resources with their status and managed fields', async () => {
    const objects = [...(await scene.events()), ...(await resources())];
    const bytes = Buffer.from(JSON.stringify(objects));
    const status = objects.find(({ metadata }) => metadata.name === echo.metadata.name)?.status;
    expect(status).toMatchObject({ tags: { plain: 'shown' } });
    expect(objects.map(readyOf).filter((condition) => condition?.status === 'True')).toHaveLength(3);
    expect([...found(bytes), ...tokensIn(bytes)]).toEqual([]);
  });
});

function readIfThere(file: string): Buffer[] {
  try {
    return [readFileSync(file)];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
