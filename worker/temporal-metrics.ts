import { createServer } from 'node:net';
import type { TelemetryOptions } from '@temporalio/worker';

/** The SDK serves the metrics itself; it has no other way to read them. */
export interface TemporalMetrics {
  readonly telemetryOptions: Pick<TelemetryOptions, 'metrics'>;
  /** The metrics in Prometheus' text format; undefined when they cannot be read now. */
  read(): Promise<string | undefined>;
}

const TIMEOUT_MS = 2_000;

/**
 * Where Temporal's SDK serves its metrics, from which `/metrics` reads them: a free port of the loopback interface, or
 * METRICS_ADDRESS, the setting of earlier releases.
 * @param address `host:port`; undefined: a free port
 */
export async function temporalMetrics(address: string | undefined): Promise<TemporalMetrics> {
  const bindAddress = address ?? `127.0.0.1:${String(await freePort())}`;
  // What listens on all addresses is reached on the loopback interface.
  const url = `http://${bindAddress.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')}/metrics`;
  return {
    telemetryOptions: { metrics: { prometheus: { bindAddress } } },
    read: async () => {
      try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
        return answer.ok ? await answer.text() : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** The SDK does not tell which port it takes when it is given port 0. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
