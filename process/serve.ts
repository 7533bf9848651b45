import type { Registry } from 'prom-client';
import { watchEventLoop } from './event-loop.ts';
import { healthRoute, livenessChecks, type EventLoopState, type HealthCheck } from './health.ts';
import { startHttpServer, type HttpAddress } from './http-server.ts';
import { metricsRoute } from './metrics-route.ts';
import { eventLoopMetrics } from './metrics.ts';
import type { ProcessContext } from './run-process.ts';

export interface Serving {
  /** Undefined: health and metrics are served nowhere. */
  readonly address: HttpAddress | undefined;
  readonly registry: Registry;
  readonly readiness: (eventLoop: EventLoopState) => readonly HealthCheck[];
  /** Checked by `/livez`, after what both processes check. */
  readonly liveness?: readonly HealthCheck[];
  /** Metrics of a library, in Prometheus' text format; undefined when they cannot be read now. */
  readonly moreMetrics?: () => Promise<string | undefined>;
}

/**
 * Serves health and metrics, and watches the event loop. Call it first of all: the probes must get an answer while the
 * process waits for other servers.
 * @throws Error if the address cannot be listened on
 */
export async function serveHealth(
  { name, log, logFormat }: ProcessContext,
  serving: Serving,
): Promise<AsyncDisposable> {
  const { address, registry, readiness, liveness = [], moreMetrics } = serving;
  const record = eventLoopMetrics(registry);
  const eventLoop = watchEventLoop({
    name,
    logFormat,
    onLag: (lag) => {
      record(lag);
      // What a user notices is in the log too.
      if (lag.max > 1) log.warn({ ...lag }, 'the event loop was blocked for more than 1 s; other work waited');
    },
    onWatchdogEnd: () => log.error('the watchdog ended: nothing ends this process if its event loop is blocked'),
  });
  const routes = {
    '/livez': healthRoute('livez', [...livenessChecks(eventLoop), ...liveness]),
    '/readyz': healthRoute('readyz', readiness(eventLoop)),
    '/metrics': metricsRoute(registry, moreMetrics),
  };
  const server = address && (await startHttpServer(address, routes));
  if (server) log.debug({ address: server.address }, 'serving /livez, /readyz and /metrics');
  return {
    [Symbol.asyncDispose]: async () => {
      await eventLoop.stop();
      await server?.close();
    },
  };
}
