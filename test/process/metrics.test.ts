import { describe, expect, it } from '@jest/globals';
import {
  armMetrics,
  createRegistry,
  reflectorMetrics,
  resourceMetrics,
  sealingKeyMetrics,
  signalMetrics,
  stepMetrics,
} from '../../process/metrics.ts';
import { metricsRoute } from '../../process/metrics-route.ts';

const PREFIX = 'azure_temporal_operator_';

describe('the metrics', () => {
  it('of steps: attempts by outcome with their time, failures by reason', async () => {
    const registry = createRegistry();
    const ended = stepMetrics(registry, new Set(['WaitingForOwner']));
    ended({ step: 'patchReady', outcome: 'completed', durationMs: 20 });
    ended({
      step: 'resolveInputs',
      outcome: 'failed',
      durationMs: 70_000,
      failure: { reason: 'WaitingForOwner', retry: 'Fast' },
    });
    ended({
      step: 'createOrUpdate',
      outcome: 'failed',
      durationMs: 1,
      failure: { reason: 'a-code-with-my-password', retry: 'Slow' },
    });
    const text = await registry.metrics();
    expect(text).toContain(`${PREFIX}step_duration_seconds_bucket{le="0.01",step="patchReady",outcome="completed"} 0`);
    expect(text).toContain(`${PREFIX}step_duration_seconds_bucket{le="0.05",step="patchReady",outcome="completed"} 1`);
    expect(text).toContain(`${PREFIX}step_duration_seconds_sum{step="resolveInputs",outcome="failed"} 70`);
    expect(text).toContain(
      `${PREFIX}step_failures_total{step="resolveInputs",reason="WaitingForOwner",retry="Fast"} 1`,
    );
    // A code that is not in the table may be anything.
    expect(text).toContain(`${PREFIX}step_failures_total{step="createOrUpdate",reason="other",retry="Slow"} 1`);
    expect(text).not.toContain('password');
  });

  it.each([
    [200, '2xx'],
    [304, '3xx'],
    [404, '4xx'],
    [429, '429'],
    [503, '5xx'],
    [799, 'other'],
    ['none', 'none'],
    ['aborted', 'aborted'],
  ] as const)('of requests to Azure: the status %s is %s', async (status, code) => {
    const registry = createRegistry();
    const arm = armMetrics(registry, new Set(['microsoft.storage']));
    arm.requestEnded({ method: 'PUT', type: 'microsoft.storage/storageaccounts', status, durationMs: 300 });
    arm.requestEnded({ method: 'PUT', type: 'contoso.secret/things', status, durationMs: 300 });
    const text = await registry.metrics();
    expect(text).toContain(`${PREFIX}arm_requests_total{method="PUT",code="${code}",provider="microsoft.storage"} 1`);
    expect(text).toContain(`${PREFIX}arm_requests_total{method="PUT",code="${code}",provider="other"} 1`);
    expect(text).not.toContain('contoso');
    // Without an answer there is no time to it.
    const counted = /arm_request_duration_seconds_count\{method="PUT"\} (\d)/.exec(text)?.[1];
    expect(counted).toBe(typeof status === 'number' ? '2' : undefined);
  });

  it('of the limiter: the wait, and what Azure would still take, of 50 subscriptions at most', async () => {
    const registry = createRegistry();
    const arm = armMetrics(registry, new Set());
    arm.turnEnded({ which: 'write', outcome: 'refused', waitedMs: 2_000 });
    arm.throttled({ which: 'write', scope: 'subscription' });
    for (let i = 0; i < 60; i += 1) arm.remaining({ subscriptionId: `SUB-${i}`, which: 'read', remaining: 100 - i });
    arm.remaining({ subscriptionId: 'sub-0', which: 'read', remaining: 7 });
    const text = await registry.metrics();
    expect(text).toContain(`${PREFIX}arm_limiter_wait_seconds_sum{class="write",outcome="refused"} 2`);
    expect(text).toContain(`${PREFIX}arm_throttled_total{class="write",scope="subscription"} 1`);
    expect(text).toContain(`${PREFIX}arm_remaining_requests{subscription="sub-0",class="read"} 7`);
    expect(text.match(/arm_remaining_requests\{/g)).toHaveLength(51);
    expect(text).toContain(`${PREFIX}arm_remaining_requests{subscription="other",class="read"} 41`);
  });

  it('of the sealing key: its age; nothing while it is not known', async () => {
    const registry = createRegistry();
    const known: { since?: Date } = {};
    sealingKeyMetrics(registry, () => known.since);
    expect(await registry.metrics()).not.toMatch(/^azure.*age_seconds/m);
    known.since = new Date(Date.now() - 3_600_000);
    expect(Number(/^azure.*age_seconds (.*)$/m.exec(await registry.metrics())?.[1])).toBeCloseTo(3_600, -1);
  });

  it('of resources: counted at each scrape, and gone with the last of a kind', async () => {
    const registry = createRegistry();
    const one = { group: 'storage.azure.com', kind: 'StorageAccount', state: 'Ready', reason: 'Succeeded' };
    let resources = [one, one];
    resourceMetrics(registry, () => resources);
    const series = `${PREFIX}resources{group="storage.azure.com",kind="StorageAccount",state="Ready",reason="Succeeded"}`;
    expect(await registry.metrics()).toContain(`${series} 2`);
    resources = [one];
    expect(await registry.metrics()).toContain(`${series} 1`);
    resources = [];
    expect(await registry.metrics()).not.toContain(series);
  });

  it('of signals, the leader and the reflectors', async () => {
    const registry = createRegistry();
    const { signalled } = signalMetrics(registry, { leads: () => true, queue: () => ({ length: 3, oldestMs: 1_500 }) });
    const reflectors = reflectorMetrics(registry);
    signalled('resync', 'sent');
    signalled('changed', 'failed');
    reflectors.fault('secrets', 'watch');
    reflectors.corrected('secrets', 4);
    const text = await registry.metrics();
    for (const line of [
      'signals_total{because="resync",outcome="sent"} 1',
      'signals_total{because="changed",outcome="failed"} 1',
      'signal_queue_length 3',
      'signal_queue_oldest_seconds 1.5',
      'leader 1',
      'reflector_faults_total{collection="secrets",phase="watch"} 1',
      'reflector_corrections_total{collection="secrets"} 4',
    ])
      expect(text).toContain(`\n${PREFIX}${line}\n`);
  });
});

describe('/metrics', () => {
  it('has the text of the other part after its own', async () => {
    const registry = createRegistry();
    signalMetrics(registry, { leads: () => false, queue: () => ({ length: 0, oldestMs: 0 }) });
    const more = '# TYPE temporal_x counter\ntemporal_x 1\n';
    const { body, contentType } = await metricsRoute(registry, async () => more)(new URLSearchParams());
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toContain(`${PREFIX}leader 0\n`);
    expect(body.endsWith(more)).toBe(true);
  });

  it('says when the other part cannot be read', async () => {
    const { body } = await metricsRoute(createRegistry(), async () => undefined)(new URLSearchParams());
    expect(body).toContain('# The metrics of Temporal SDK cannot be read now.\n');
  });
});
