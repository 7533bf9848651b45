import type { Registry } from 'prom-client';
import {
  armMetrics,
  createRegistry,
  eventLoopMetrics,
  reflectorMetrics,
  resourceMetrics,
  sealingKeyMetrics,
  signalMetrics,
  stepMetrics,
} from '../../process/metrics.ts';

export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** The metrics of both processes in one registry, as their `metrics.ts` register them. */
export async function allMetrics(): Promise<readonly Metric[]> {
  const registry: Registry = createRegistry();
  eventLoopMetrics(registry);
  stepMetrics(registry, new Set());
  armMetrics(registry, new Set());
  sealingKeyMetrics(registry, () => undefined);
  resourceMetrics(registry, () => []);
  signalMetrics(registry, { leads: () => false, queue: () => ({ length: 0, oldestMs: 0 }) });
  reflectorMetrics(registry);
  return (await registry.getMetricsAsJSON()).map(({ name, help, type }) => ({
    name,
    help,
    type: String(type),
    labels: (registry.getSingleMetric(name) as unknown as { labelNames: string[] }).labelNames,
  }));
}

/** `x_bucket`, `x_count` and `x_sum` are series of the histogram `x`. */
function baseName(series: string): string {
  return series.replace(/_(?:bucket|count|sum)$/, '');
}

/** The metrics that a query in PromQL names. */
export function metricsIn(query: string): string[] {
  return [...query.matchAll(/\b(?:azure_temporal_operator|temporal)_\w+/g)].map(([series]) => baseName(series));
}
