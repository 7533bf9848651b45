import { plain, type Route } from './http-server.ts';
import type { Lag } from './event-loop-lag.ts';

/** One thing that must be so. `problem` says why it is not, in a line without secrets; undefined when it is. */
export interface HealthCheck {
  readonly name: string;
  readonly problem: () => string | undefined | Promise<string | undefined>;
}

/** The state of the event loop, as `watchEventLoop` knows it. */
export interface EventLoopState {
  /** Of the last period; undefined before the first has ended. */
  readonly lag: Lag | undefined;
  /** Whether the watchdog runs. */
  readonly isWatched: boolean;
}

/** A check that asks another server may take so long. Probes should wait a second longer (docs/metrics.md). */
const TIMEOUT_MS = 3_000;
/**
 * So long the answer of another server is used again: whoever reaches the port must not be able to make the process send
 * requests.
 */
const REUSE_MS = 1_000;
/** The lag, in seconds, above which new work should go elsewhere. The process logs a warning then. */
const SLOW_SECONDS = 1;
/** The lag, in seconds, above which only a restart helps. */
const STUCK_SECONDS = 10;

/**
 * A route that answers as `/livez` and `/readyz` of kube-apiserver do: `ok`, or with `?verbose` a line for each check. A
 * check that fails is always listed, with status 503.
 */
export function healthRoute(name: 'livez' | 'readyz', checks: readonly HealthCheck[]): Route {
  return async (query) => {
    const problems = await Promise.all(checks.map(problemWithin));
    const lines = checks.map((check, index) => {
      const problem = problems[index];
      return problem === undefined ? `[+]${check.name} ok\n` : `[-]${check.name} failed: ${problem}\n`;
    });
    if (problems.some((problem) => problem !== undefined)) return plain(503, `${lines.join('')}${name} check failed\n`);
    return plain(200, query.has('verbose') ? `${lines.join('')}${name} check passed\n` : 'ok');
  };
}

/** What `/livez` checks in both processes. Nothing remote: a restart does not repair another server. */
export function livenessChecks(eventLoop: EventLoopState): HealthCheck[] {
  return [
    { name: 'event-loop', problem: () => lagAbove(eventLoop.lag, STUCK_SECONDS) },
    {
      name: 'watchdog',
      problem: () =>
        eventLoop.isWatched ? undefined : 'its thread has ended: nothing would end this process if it was blocked',
    },
  ];
}

/** What `/readyz` checks in both processes before anything else. */
export function processChecks(eventLoop: EventLoopState, stopping: AbortSignal): HealthCheck[] {
  return [
    { name: 'shutdown', problem: () => (stopping.aborted ? 'this process was told to stop' : undefined) },
    { name: 'event-loop', problem: () => lagAbove(eventLoop.lag, SLOW_SECONDS) },
  ];
}

/** A check that asks another server. Probes at the same time, and shortly after one another, share one request. */
export function remoteCheck(name: string, problem: () => Promise<string | undefined>): HealthCheck {
  let asked: { readonly at: number; readonly answer: Promise<string | undefined> } | undefined;
  return {
    name,
    problem: async () => {
      const now = performance.now();
      if (asked === undefined || now - asked.at > REUSE_MS) asked = { at: now, answer: problem() };
      return await asked.answer;
    },
  };
}

function lagAbove(lag: Lag | undefined, seconds: number): string | undefined {
  if (lag === undefined || lag.p99 <= seconds) return undefined;
  return `it was up to ${lag.p99.toFixed(1)} s late for 99 % of the last period, and at most ${lag.max.toFixed(1)} s`;
}

async function problemWithin({ problem }: HealthCheck): Promise<string | undefined> {
  const timeout = Promise.withResolvers<string>();
  const timer = setTimeout(() => timeout.resolve(`no answer within ${String(TIMEOUT_MS / 1_000)} s`), TIMEOUT_MS);
  try {
    return await Promise.race([problem(), timeout.promise]);
  } catch {
    // A check states its problems itself; the text of an unexpected error may quote anything.
    return 'the check itself failed';
  } finally {
    clearTimeout(timer);
  }
}
