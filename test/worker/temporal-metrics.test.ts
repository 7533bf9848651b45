import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { temporalMetrics, type TemporalMetrics } from '../../worker/temporal-metrics.ts';

const bound = ({ telemetryOptions }: TemporalMetrics): string =>
  (telemetryOptions.metrics as { prometheus: { bindAddress: string } }).prometheus.bindAddress;

describe('the metrics of Temporal SDK', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });
  const serve = async (host: string, status: number): Promise<number> => {
    server = createServer((_request, answer) => answer.writeHead(status).end('temporal_x 1\n'));
    return await new Promise((resolve) => {
      server!.listen(0, host, () => resolve((server!.address() as AddressInfo).port));
    });
  };

  it('are served on a free port that only this machine reaches', async () => {
    const [one, two] = await Promise.all([temporalMetrics(undefined), temporalMetrics(undefined)]);
    for (const metrics of [one, two]) expect(bound(metrics)).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    expect(await one.read()).toBeUndefined();
  });

  it('are served at METRICS_ADDRESS where it is set, and read from there', async () => {
    const port = await serve('127.0.0.1', 200);
    const metrics = await temporalMetrics(`0.0.0.0:${port}`);
    expect(bound(metrics)).toBe(`0.0.0.0:${port}`);
    expect(await metrics.read()).toBe('temporal_x 1\n');
  });

  it('are missing when the SDK answers with an error', async () => {
    const port = await serve('127.0.0.1', 500);
    expect(await (await temporalMetrics(`127.0.0.1:${port}`)).read()).toBeUndefined();
  });
});
