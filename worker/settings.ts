/** What the worker is told by its environment. A value that cannot be used stops it at start, with an error that names the variable. */
export interface WorkerSettings {
  readonly podNamespace: string;
  readonly defaultPolicy: string;
  readonly maxCachedWorkflows: number;
  readonly maxConcurrentActivities: number;
  /** Operations that take long and are followed at the same time. */
  readonly maxConcurrentPolls: number;
  /** `host:port` at which Prometheus finds the metrics of Temporal's SDK; undefined: nowhere. */
  readonly metricsAddress: string | undefined;
}

const POLICIES = ['manage', 'skip', 'detach-on-delete'];

export function readWorkerSettings(env: Record<string, string | undefined>): WorkerSettings {
  const defaultPolicy = env.DEFAULT_RECONCILE_POLICY || 'manage';
  if (!POLICIES.includes(defaultPolicy)) {
    throw new Error(`DEFAULT_RECONCILE_POLICY is "${defaultPolicy}"; it must be one of ${POLICIES.join(', ')}`);
  }
  return {
    podNamespace: env.POD_NAMESPACE || 'default',
    defaultPolicy,
    maxCachedWorkflows: count(env, 'MAX_CACHED_WORKFLOWS', 300),
    maxConcurrentActivities: count(env, 'MAX_CONCURRENT_ACTIVITIES', 200),
    maxConcurrentPolls: count(env, 'MAX_CONCURRENT_POLLS', 2_000),
    metricsAddress: address(env, 'METRICS_ADDRESS'),
  };
}

function count(env: Record<string, string | undefined>, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${name} is "${text}"; it must be a whole number of at least 1`);
  return value;
}

function address(env: Record<string, string | undefined>, name: string): string | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const url = URL.parse(`http://${text}/`);
  if (url === null || url.host !== text || url.port === '')
    throw new Error(`${name} is "${text}"; it must be an address and a port, as 0.0.0.0:9464`);
  return text;
}
