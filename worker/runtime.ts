import { Runtime } from '@temporalio/worker';
import type { Logger } from '../process/log.ts';
import { coreLogFilter, temporalLogger } from './temporal-log.ts';
import type { TemporalMetrics } from './temporal-metrics.ts';

/**
 * Temporal's core: its metrics and its log. Signals are not its business, because it would swallow those that come while
 * this process still waits for a server.
 */
export function installRuntime({ sdk, log }: { sdk: TemporalMetrics; log: Logger }): void {
  Runtime.install({
    shutdownSignals: [],
    telemetryOptions: {
      // Without `forward` the core itself writes to the terminal, as coloured text.
      logging: { forward: {}, filter: coreLogFilter(log.level) },
      ...sdk.telemetryOptions,
    },
    logger: temporalLogger(log),
  });
}
