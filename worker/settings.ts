import { readGenericTypes, type GenericTypes } from '../kinds/generic/generic-types.ts';
import { podNamespace } from '../kube/pod-namespace.ts';
import { readHttpAddress, type HttpAddress } from '../process/http-server.ts';
import { isPolicy, POLICIES, type Policy } from '../contract/policy.ts';

/**
 * The worker's settings from the environment. An invalid value stops the worker at start with an error that names the
 * variable.
 */
export interface WorkerSettings {
  /** The namespace of the Secret with the sealing keys. */
  readonly podNamespace: string;
  readonly defaultPolicy: Policy;
  /** The ARM types of GenericResource; undefined: the kind is switched off. */
  readonly genericTypes: GenericTypes | undefined;
  readonly maxCachedWorkflows: number;
  readonly maxConcurrentActivities: number;
  /** The number of long operations that are polled at the same time. */
  readonly maxConcurrentPolls: number;
  /** Where health and metrics are served; undefined: nowhere. */
  readonly httpAddress: HttpAddress | undefined;
  /**
   * `host:port` on which Temporal's SDK serves its metrics in addition. Deprecated: they are on `/metrics` of
   * `httpAddress` too.
   */
  readonly metricsAddress: string | undefined;
  /**
   * The Worker Deployment Version of this worker, for releases that run side by side (docs/upgrades.md). Undefined: the
   * worker is not versioned.
   */
  readonly deployment: DeploymentSettings | undefined;
}

interface DeploymentSettings {
  readonly version: { readonly deploymentName: string; readonly buildId: string };
  /** Whether this version becomes the current one when its deployment has none. */
  readonly becomeCurrent: 'if-none' | 'never';
}

export function readWorkerSettings(env: Record<string, string | undefined>): WorkerSettings {
  const defaultPolicy = env.DEFAULT_RECONCILE_POLICY || 'manage';
  if (!isPolicy(defaultPolicy)) {
    throw new Error(`DEFAULT_RECONCILE_POLICY is "${defaultPolicy}"; it must be one of ${POLICIES.join(', ')}`);
  }
  return {
    podNamespace: podNamespace(env),
    defaultPolicy,
    genericTypes: readGenericTypes(env),
    maxCachedWorkflows: count(env, 'MAX_CACHED_WORKFLOWS', 300),
    maxConcurrentActivities: count(env, 'MAX_CONCURRENT_ACTIVITIES', 200),
    maxConcurrentPolls: count(env, 'MAX_CONCURRENT_POLLS', 2_000),
    httpAddress: readHttpAddress(env, 'worker'),
    metricsAddress: address(env, 'METRICS_ADDRESS'),
    deployment: deployment(env),
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
    throw new Error(`${name} is "${text}"; it must be an address and a port, such as 0.0.0.0:9464`);
  return text;
}

function deployment(env: Record<string, string | undefined>): DeploymentSettings | undefined {
  const deploymentName = versionPart(env, 'WORKER_DEPLOYMENT_NAME', /^(?!__)[^.:]+$/, 'without "." and ":"');
  const buildId = versionPart(env, 'WORKER_BUILD_ID', /^(?!__)/, 'such as the tag of the image');
  const becomeCurrent = env.WORKER_BECOME_CURRENT || 'if-none';
  if (becomeCurrent !== 'if-none' && becomeCurrent !== 'never')
    throw new Error(`WORKER_BECOME_CURRENT is "${becomeCurrent}"; it must be if-none or never`);
  if (deploymentName !== undefined && buildId !== undefined) {
    return { version: { deploymentName, buildId }, becomeCurrent };
  }
  if (deploymentName !== undefined)
    throw new Error('WORKER_BUILD_ID is not set; set it together with WORKER_DEPLOYMENT_NAME');
  if (buildId !== undefined) throw new Error('WORKER_DEPLOYMENT_NAME is not set; set it together with WORKER_BUILD_ID');
  return undefined;
}

/**
 * Temporal's limit is 108 characters on a server whose ids have at most 255. It rejects a longer value only at the
 * first poll, and does not say which setting is wrong.
 */
const VERSION_PART_MAX = 100;

function versionPart(
  env: Record<string, string | undefined>,
  name: string,
  pattern: RegExp,
  hint: string,
): string | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (text.length > VERSION_PART_MAX || !pattern.test(text)) {
    const limit = String(VERSION_PART_MAX);
    throw new Error(
      `${name} is "${text}"; it must be a text of at most ${limit} characters that does not begin with "__", ${hint}`,
    );
  }
  return text;
}
