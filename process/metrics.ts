import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Lag } from './event-loop-lag.ts';

/*
 * All metrics of both processes. docs/metrics.md has a row for each, and deploy/ the dashboard and the alerts. No label
 * has the name of a resource, and each has a bounded number of values: those that Azure or users choose are compared
 * with a table, and what is not in it is `other`.
 */
const PREFIX = 'azure_temporal_operator_';
const OTHER = 'other';
/** Subscriptions with series of their own. The worker meets as many as users bring credentials for. */
const MOST_SUBSCRIPTIONS = 50;
/** A remaining quota is true only for a while: Azure refills its buckets within seconds. */
const QUOTA_TRUE_MS = 5 * 60_000;

const STEP_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const REQUEST_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const WAIT_SECONDS = [0.01, 0.1, 0.5, 1, 2.5, 5, 30];

/** Creates the registry of a process. */
export function createRegistry(): Registry {
  return new Registry();
}

/** @returns what to call with each measurement of the event loop */
export function eventLoopMetrics(registry: Registry): (lag: Lag) => void {
  const registers = [registry];
  const p99 = new Gauge({
    name: `${PREFIX}event_loop_lag_p99_seconds`,
    help: 'How late the event loop was in the last 10 s, in 99 % of the time at most.',
    registers,
  });
  const max = new Gauge({
    name: `${PREFIX}event_loop_lag_max_seconds`,
    help: 'How late the event loop was in the last 10 s at most.',
    registers,
  });
  return (lag) => {
    p99.set(lag.p99);
    max.set(lag.max);
  };
}

/** The part of a step's outcome that is counted (`activities/step-outcome.ts`). */
interface CountedStep {
  readonly step: string;
  readonly outcome: string;
  readonly durationMs: number;
  readonly failure?: { readonly reason: string; readonly retry: string };
}

/** @param reasons the table of reasons; another one, such as a code of ARM that is not in it, counts as `other` */
export function stepMetrics(registry: Registry, reasons: ReadonlySet<string>): (step: CountedStep) => void {
  const registers = [registry];
  const durations = new Histogram({
    name: `${PREFIX}step_duration_seconds`,
    help: 'Attempts at the steps of reconciles, with their time. "running": Azure is still working, and the step is attempted again.',
    labelNames: ['step', 'outcome'],
    buckets: STEP_SECONDS,
    registers,
  });
  const failures = new Counter({
    name: `${PREFIX}step_failures_total`,
    help: 'Failed attempts at steps, by the reason that the Ready condition shows and its retry class.',
    labelNames: ['step', 'reason', 'retry'],
    registers,
  });
  return ({ step, outcome, durationMs, failure }) => {
    durations.observe({ step, outcome }, durationMs / 1_000);
    if (failure === undefined) return;
    failures.inc({ step, reason: reasons.has(failure.reason) ? failure.reason : OTHER, retry: failure.retry });
  };
}

/** What the ARM client tells (`azure/observer.ts`). */
interface ArmMetrics {
  requestEnded(
    this: void,
    request: {
      readonly method: string;
      /** `microsoft.compute/virtualmachines` */
      readonly type: string;
      /** A number: Azure's answer. `none`: no answer. `aborted`: the operator did not wait for it. */
      readonly status: number | 'none' | 'aborted';
      readonly durationMs: number;
    },
  ): void;
  turnEnded(
    this: void,
    turn: {
      readonly which: string;
      readonly outcome: 'sent' | 'refused' | 'aborted';
      readonly waitedMs: number;
    },
  ): void;
  throttled(this: void, throttling: { readonly which: string; readonly scope: 'subscription' | 'type' }): void;
  remaining(
    this: void,
    quota: { readonly subscriptionId: string; readonly which: string; readonly remaining: number },
  ): void;
}

/** @param providers the namespaces of resource providers, in lower case; another one counts as `other` */
export function armMetrics(registry: Registry, providers: ReadonlySet<string>): ArmMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: `${PREFIX}arm_requests_total`,
    help: 'Requests to Azure Resource Manager, by method, provider, and class of the answer: 2xx, 3xx, 4xx without 429, 429, 5xx, none (no answer), aborted (the operator stopped waiting).',
    labelNames: ['method', 'code', 'provider'],
    registers,
  });
  const durations = new Histogram({
    name: `${PREFIX}arm_request_duration_seconds`,
    help: 'Time from sending a request to Azure Resource Manager to its answer, without the wait in the limiter.',
    labelNames: ['method'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const waits = new Histogram({
    name: `${PREFIX}arm_limiter_wait_seconds`,
    help: 'Time that requests to Azure waited in the limiter of this process. "refused": it would have been too long, so the request was not sent and the step is retried later.',
    labelNames: ['class', 'outcome'],
    buckets: WAIT_SECONDS,
    registers,
  });
  const throttlings = new Counter({
    name: `${PREFIX}arm_throttled_total`,
    help: 'Answers by which Azure throttled: all requests of the class in a subscription, or those for one resource type (429, or 503 with Retry-After).',
    labelNames: ['class', 'scope'],
    registers,
  });
  const remaining = remainingQuota(registry);
  return {
    requestEnded: ({ method, type, status, durationMs }) => {
      const provider = type.split('/')[0] ?? '';
      requests.inc({ method, code: codeClass(status), provider: providers.has(provider) ? provider : OTHER });
      if (typeof status === 'number') durations.observe({ method }, durationMs / 1_000);
    },
    turnEnded: ({ which, outcome, waitedMs }) => waits.observe({ class: which, outcome }, waitedMs / 1_000),
    throttled: ({ which, scope }) => throttlings.inc({ class: which, scope }),
    remaining,
  };
}

function remainingQuota(registry: Registry): ArmMetrics['remaining'] {
  const known = new Map<string, { labels: Record<string, string>; remaining: number; at: number }>();
  const subscriptions = new Set<string>();
  new Gauge({
    name: `${PREFIX}arm_remaining_requests`,
    help: 'Requests that Azure would still accept now, by the newest x-ms-ratelimit-remaining header of the last 5 minutes.',
    labelNames: ['subscription', 'class'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [key, { labels, remaining, at }] of known) {
        if (Date.now() - at > QUOTA_TRUE_MS) known.delete(key);
        else this.set(labels, remaining);
      }
    },
  });
  return ({ subscriptionId, which, remaining }) => {
    const id = subscriptionId.toLowerCase();
    if (subscriptions.size < MOST_SUBSCRIPTIONS) subscriptions.add(id);
    const subscription = subscriptions.has(id) ? id : OTHER;
    const labels = { subscription, class: which };
    known.set(`${subscription} ${which}`, { labels, remaining, at: Date.now() });
  };
}

/** @param since since when the current key is current; undefined while it is not known */
export function sealingKeyMetrics(registry: Registry, since: () => Date | undefined): void {
  new Gauge({
    name: `${PREFIX}sealing_key_age_seconds`,
    help: 'For how long the current sealing key has been the current one.',
    registers: [registry],
    collect() {
      const from = since();
      if (from === undefined) this.remove();
      else this.set(Math.max(0, (Date.now() - from.getTime()) / 1_000));
    },
  });
}

/** What the watcher knows of one resource. */
interface CountedResource {
  readonly group: string;
  readonly kind: string;
  readonly state: string;
  readonly reason: string;
}

/** @param resources what this watcher counts: nothing while another one leads, because each resource is counted once */
export function resourceMetrics(registry: Registry, resources: () => Iterable<CountedResource>): void {
  new Gauge({
    name: `${PREFIX}resources`,
    help: 'Resources by kind, state and reason of the Ready condition. Only the leading watcher reports them.',
    labelNames: ['group', 'kind', 'state', 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { group, kind, state, reason } of resources()) this.inc({ group, kind, state, reason });
    },
  });
}

interface SignalMetrics {
  /** `because`: the reason of the signal (`watcher/signal-reason.ts`), or `gone`. */
  readonly signalled: (because: string, outcome: 'sent' | 'failed') => void;
}

export function signalMetrics(
  registry: Registry,
  given: {
    readonly leads: () => boolean;
    readonly queue: () => { readonly length: number; readonly oldestMs: number };
  },
): SignalMetrics {
  const registers = [registry];
  const signals = new Counter({
    name: `${PREFIX}signals_total`,
    help: 'Signals to workflows, by why and whether Temporal took them. A failed one is retried until it is sent.',
    labelNames: ['because', 'outcome'],
    registers,
  });
  new Gauge({
    name: `${PREFIX}signal_queue_length`,
    help: 'Resources that wait for a signal, those that wait to be tried again included.',
    registers,
    collect() {
      this.set(given.queue().length);
    },
  });
  new Gauge({
    name: `${PREFIX}signal_queue_oldest_seconds`,
    help: 'For how long the resource that waits longest has been waiting for its signal; 0 when none waits.',
    registers,
    collect() {
      this.set(given.queue().oldestMs / 1_000);
    },
  });
  new Gauge({
    name: `${PREFIX}leader`,
    help: 'Whether this watcher leads: 1 or 0.',
    registers,
    collect() {
      this.set(given.leads() ? 1 : 0);
    },
  });
  return { signalled: (because, outcome) => signals.inc({ because, outcome }) };
}

interface ReflectorMetrics {
  /** `collection`: `secrets`, `resourcegroups.resources.azure.com`. */
  readonly fault: (collection: string, phase: 'list' | 'watch' | 'handler') => void;
  readonly corrected: (collection: string, objects: number) => void;
}

export function reflectorMetrics(registry: Registry): ReflectorMetrics {
  const registers = [registry];
  const faults = new Counter({
    name: `${PREFIX}reflector_faults_total`,
    help: 'Failed lists and watches of a collection in Kubernetes. Each is retried.',
    labelNames: ['collection', 'phase'],
    registers,
  });
  const corrections = new Counter({
    name: `${PREFIX}reflector_corrections_total`,
    help: 'Objects that a list found to differ from what the watch had reported: changes that were missed until then.',
    labelNames: ['collection'],
    registers,
  });
  return {
    fault: (collection, phase) => faults.inc({ collection, phase }),
    corrected: (collection, objects) => corrections.inc({ collection }, objects),
  };
}

function codeClass(status: number | 'none' | 'aborted'): string {
  if (typeof status !== 'number' || status === 429) return String(status);
  const hundreds = Math.floor(status / 100);
  return hundreds >= 2 && hundreds <= 5 ? `${String(hundreds)}xx` : OTHER;
}
