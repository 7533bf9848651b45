import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allMetrics, metricsIn } from '../support/all-metrics.ts';
import { keyOf, waitFor } from '../support/environment.ts';
import { declared, health, samplesOf, scrape, sumOf } from '../support/metrics-text.ts';
import { openScene, resourceGroup, type Scene } from './scene.ts';

const P = 'azure_temporal_operator_';
const REPO = join(import.meta.dirname, '../..');

/** The pages that Prometheus reads from the worker and the watcher of this run, while resources become Ready and fail. */
describe('the metrics of the worker and the watcher that run', () => {
  let scene: Scene;
  let worker: string;
  let watcher: string;
  let before: string;

  beforeAll(async () => {
    scene = await openScene('metrics');
    worker = scene.env.stack.metricsAddress;
    watcher = scene.env.stack.watcherAddress;
    before = await scrape(worker);
    const fine = resourceGroup(scene.namespace, 'fine');
    await scene.env.apply(fine);
    await scene.env.waitForReady(keyOf(fine));
    await scene.fault({
      method: 'PUT',
      path: 'fatal',
      status: 400,
      code: 'LocationRequired',
      message: 'The location property is required.',
    });
    await scene.fault({
      method: 'PUT',
      path: 'unknown',
      times: 1_000,
      status: 400,
      code: 'AWordOfAzure',
      message: 'No table has this code.',
    });
    await scene.env.apply(resourceGroup(scene.namespace, 'fatal'));
    await scene.env.apply(resourceGroup(scene.namespace, 'unknown'));
    await scene.env.waitForCondition(keyOf(resourceGroup(scene.namespace, 'fatal')), { severity: 'Error' });
    await scene.env.waitForCondition(keyOf(resourceGroup(scene.namespace, 'unknown')), { reason: 'AWordOfAzure' });
  }, 120_000);

  afterAll(() => scene?.close());

  it.each([
    ['worker', () => worker],
    ['watcher', () => watcher],
  ])('%s: live and ready', async (_name, address) => {
    expect(await health(address(), '/livez')).toEqual({ status: 200, text: 'ok' });
    expect(await waitFor(async () => (await health(address(), '/readyz')).status === 200)).toBe(true);
  });

  it('steps, failures, and requests to Azure are counted', async () => {
    const grown = (text: string, name: string, labels: Record<string, string>): number =>
      (sumOf(text, P + name, labels) ?? 0) - (sumOf(before, P + name, labels) ?? 0);
    const text = await waitFor(async () => {
      const now = await scrape(worker);
      return grown(now, 'step_duration_seconds_count', { step: 'reportFailure', outcome: 'completed' }) > 0 && now;
    });
    expect(grown(text, 'step_duration_seconds_count', { step: 'patchReady', outcome: 'completed' })).toBeGreaterThan(0);
    expect(grown(text, 'step_failures_total', { reason: 'LocationRequired', retry: 'Fatal' })).toBeGreaterThan(0);
    expect(grown(text, 'step_failures_total', { step: 'createOrUpdate', reason: 'other' })).toBeGreaterThan(0);
    const put = { method: 'PUT', provider: 'microsoft.resources' };
    expect(grown(text, 'arm_requests_total', { ...put, code: '2xx' })).toBeGreaterThan(0);
    expect(grown(text, 'arm_requests_total', { ...put, code: '4xx' })).toBeGreaterThan(0);
    expect(grown(text, 'arm_request_duration_seconds_count', { method: 'PUT' })).toBeGreaterThan(1);
    expect(grown(text, 'arm_limiter_wait_seconds_count', { class: 'write', outcome: 'sent' })).toBeGreaterThan(1);
    const age = sumOf(text, `${P}sealing_key_age_seconds`);
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThan(24 * 3_600);
  });

  it('a refusal of the subscription, and what Azure would still take', async () => {
    await scene.fault({
      method: 'PUT',
      path: 'throttled',
      times: 1,
      status: 429,
      code: 'SubscriptionRequestsThrottled',
      message: 'Too many.',
      retryAfter: '1',
    });
    const throttled = resourceGroup(scene.namespace, 'throttled');
    await scene.env.apply(throttled);
    await scene.env.waitForReady(keyOf(throttled), 60_000);
    const text = await scrape(worker);
    expect(sumOf(text, `${P}arm_throttled_total`, { class: 'write', scope: 'subscription' })).toBeGreaterThan(0);
    // Of some subscription: the whole test run has more of them than are shown.
    expect(sumOf(text, `${P}arm_remaining_requests`, {})).toBeGreaterThanOrEqual(0);
  }, 90_000);

  it('resources by kind, state and reason, of which the names are not in the text', async () => {
    const kind = { group: 'resources.azure.com', kind: 'ResourceGroup' };
    const text = await waitFor(async () => {
      const now = await scrape(watcher);
      const counted = (state: string, reason: string): number =>
        sumOf(now, `${P}resources`, { ...kind, state, reason }) ?? 0;
      const seen =
        counted('Ready', 'Succeeded') > 0 &&
        counted('Failed', 'LocationRequired') > 0 &&
        counted('Warning', 'other') > 0;
      return seen && now;
    });
    expect(sumOf(text, `${P}leader`)).toBe(1);
    expect(sumOf(text, `${P}signals_total`, { because: 'changed', outcome: 'sent' })).toBeGreaterThan(2);
    expect(sumOf(text, `${P}signal_queue_length`)).toBeGreaterThanOrEqual(0);
    for (const page of [text, await scrape(worker)]) {
      expect(page).not.toContain(scene.namespace);
      expect(page).not.toContain('AWordOfAzure');
      expect(page).not.toContain(scene.subscription.clientSecret);
    }
  });

  it('each metric of ours is declared once, with its help, and has no other series than it should', async () => {
    const metrics = await allMetrics();
    const pages = await Promise.all([scrape(worker), scrape(watcher)]);
    const names = new Set(pages.flatMap((page) => [...declared(page).keys()]).filter((name) => name.startsWith(P)));
    expect([...names].sort()).toEqual(metrics.map(({ name }) => name).sort());
    for (const page of pages) {
      const types = [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
      expect(new Set(types).size).toBe(types.length);
      for (const [name, { help }] of declared(page))
        if (name.startsWith(P)) expect(help).toBe(metrics.find((metric) => metric.name === name)?.help);
    }
    // Bounded: whatever users create and Azure answers, there are not more.
    const ours = pages.map((page) => samplesOf(page).filter(({ name }) => name.startsWith(P)));
    expect(ours[0]!.length).toBeLessThan(2_000);
    expect(ours[1]!.length).toBeLessThan(2_000);
  });

  it('what the dashboard shows of Temporal is there: runs that ended well, and runs that failed', async () => {
    const page = await scrape(worker);
    const dashboard = readFileSync(join(REPO, 'deploy/grafana/dashboard.json'), 'utf8');
    const shown = new Set(metricsIn(dashboard).filter((name) => name.startsWith('temporal_')));
    // It exists as soon as a workflow task has failed, which this run does not do.
    shown.delete('temporal_workflow_task_execution_failed');
    expect([...shown].filter((name) => !declared(page).has(name))).toEqual([]);
    expect(sumOf(page, 'temporal_workflow_completed')).toBeGreaterThan(0);
    expect(sumOf(page, 'temporal_workflow_failed')).toBeGreaterThan(0);
  });
});
