import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import { digestOf, type LoggedRequest } from '../../simulator/request-log.ts';
import { waitFor } from '../support/environment.ts';
import { startDurableOperator } from './durable-operator.ts';
import { SUBSCRIPTION, type DurableStack } from './durable-stack.ts';
import { account } from './manifests.ts';

const GROUP = 'lost-worker-rg';
const POLLS = 25;
const STOPS_WITHIN_MS = 10_000;

/** What becomes of the resources in the hands of a worker that ends. */
describe('a worker that is lost', () => {
  let durable: DurableStack;
  let worker: ManagedProcess;

  beforeAll(async () => {
    ({ durable, worker } = await startDurableOperator(GROUP));
  }, 120_000);

  afterAll(async () => {
    await durable?.stop();
  }, 30_000);

  it('right after Azure took the PUT of a server that no GET shows while it is created: one PUT (row 22)', async () => {
    const server = mysql('lost-created');
    await givePassword('lost-created', 'First-1-Value');
    await durable.simulator('POST', '/faults', { match: { method: 'PUT', path: '/lost-created\\?' }, delayMs: 2_000 });
    await durable.kube.apply(server);
    await waitFor(async () => (await durable.sent('PUT', 'lost-created')) > 0 || (await isSending(server)), 15_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await restartWorker();
    await durable.ready(server, 60_000);
    expect(await passwordsSent('lost-created')).toEqual([[202, digestOf('First-1-Value')]]);
  }, 120_000);

  it('while Azure refuses an update of a password only: the password is sent again (row 27)', async () => {
    const server = mysql('lost-password');
    await givePassword('lost-password', 'First-1-Value');
    await durable.kube.apply(server);
    await durable.ready(server, 60_000);
    const fault = { match: { method: 'PUT', path: '/lost-password\\?' }, times: 1, status: 503, delayMs: 2_000 };
    await durable.simulator('POST', '/faults', fault);
    await givePassword('lost-password', 'Second-2-Value');
    await waitFor(async () => await isSending(server), 15_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await restartWorker();
    const accepted = async (): Promise<unknown[]> =>
      (await passwordsSent('lost-password')).filter(([status]) => status < 300).map(([, digest]) => digest);
    await waitFor(async () => (await accepted()).length === 2, 30_000);
    expect(await accepted()).toEqual([digestOf('First-1-Value'), digestOf('Second-2-Value')]);
    await durable.ready(server, 30_000);
  }, 120_000);

  it(`on SIGTERM while it follows ${String(POLLS)} operations: it ends by itself within 10 s, and the next one goes on (row 26)`, async () => {
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: true });
    const accounts = Array.from({ length: POLLS }, (_, index) => account(`lost-poll-${String(index)}`, GROUP));
    for (const manifest of accounts) await durable.kube.apply(manifest);
    const running = async (): Promise<number> => {
      const { operations } = await durable.simulator('GET', `/operations?subscription=${SUBSCRIPTION}`);
      // Azure may still be working on the servers of the tests before.
      return (operations as { resource: string }[]).filter(({ resource }) => /lost-poll-/i.test(resource)).length;
    };
    await waitFor(async () => (await running()) === POLLS, 60_000);
    await waitFor(async () => (await durable.pending(accounts.at(-1)!)).some(isPolling), 15_000);
    const toldAt = Date.now();
    const exit = await worker.stop(30_000);
    const tookMs = Date.now() - toldAt;
    if (process.env['DURABILITY_TIMES']) process.stderr.write(`SIGTERM: ended after ${String(tookMs)} ms\n`);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan(STOPS_WITHIN_MS);
    worker = durable.startWorker();
    await durable.simulator('POST', `/subscriptions/${SUBSCRIPTION}`, { hold: false });
    await durable.simulator('POST', '/operations/finish', { subscription: SUBSCRIPTION });
    for (const manifest of accounts) await durable.ready(manifest, 30_000);
    for (const { metadata } of accounts) expect(await durable.sent('PUT', metadata.name)).toBe(1);
  }, 180_000);

  const isPolling = ({ step, started }: { step: string; started: boolean }): boolean =>
    step === 'pollProvisioning' && started;
  const isSending = async (manifest: Manifest): Promise<boolean> =>
    (await durable.pending(manifest)).some(
      ({ step, started, heartbeat }) => step === 'createOrUpdate' && started && heartbeat,
    );

  async function restartWorker(): Promise<void> {
    await worker.kill('SIGKILL');
    worker = durable.startWorker();
  }

  async function givePassword(name: string, password: string): Promise<void> {
    const data = { password: Buffer.from(password).toString('base64') };
    await durable.kube.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${name}-pw`, namespace: 'default' },
      data,
    });
  }

  /** Status and password of each PUT of the server, oldest first. */
  async function passwordsSent(name: string): Promise<[number, unknown][]> {
    const { requests } = (await durable.simulator('GET', `/requests?subscription=${SUBSCRIPTION}`)) as unknown as {
      requests: LoggedRequest[];
    };
    return requests
      .filter(({ method, path }) => method === 'PUT' && path.includes(`/${name}?`))
      .map(({ status, body }) => [
        status,
        (body as { properties: { administratorLoginPassword?: unknown } }).properties.administratorLoginPassword,
      ]);
  }
});

function mysql(name: string): Manifest {
  return {
    apiVersion: 'dbformysql.azure.com/v1api20210501',
    kind: 'FlexibleServer',
    metadata: { name, namespace: 'default' },
    spec: {
      location: 'westus2',
      owner: { name: GROUP },
      version: '8.0.21',
      sku: { name: 'Standard_D4ds_v4', tier: 'GeneralPurpose' },
      administratorLogin: 'myAdmin',
      administratorLoginPassword: { name: `${name}-pw`, key: 'password' },
      storage: { storageSizeGB: 128 },
    },
  };
}
