import { readGenericTypes, type GenericTypes } from '../kinds/generic/generic-types.ts';
import { goDurationMs } from '../kube/go-duration.ts';
import { podNamespace } from '../kube/pod-namespace.ts';
import { watchesSecrets } from '../kube/watch-secrets.ts';
import { readHttpAddress, type HttpAddress } from '../process/http-server.ts';

/**
 * The settings from the environment. The Kubernetes and Temporal connections read their own variables (KUBECONFIG,
 * TEMPORAL_*).
 */
export interface WatcherConfig {
  /** Empty: all namespaces. */
  readonly targetNamespaces: readonly string[];
  /** Whether a change of a Secret is noticed before the next resync. */
  readonly watchSecrets: boolean;
  /**
   * How often every resource is signalled although nothing changed. Undefined (`never`): only those that are not Ready.
   */
  readonly syncPeriodMs: number | undefined;
  /**
   * The maximum number of signals per second at a start, at a takeover and at a resync. A change that has just been
   * observed is signalled without this limit.
   */
  readonly pacePerSecond: number;
  /** The namespace of the Lease. */
  readonly namespace: string;
  /** The ARM types of GenericResource; undefined: the kind is switched off. */
  readonly genericTypes: GenericTypes | undefined;
  /** Where health and metrics are served; undefined: nowhere. */
  readonly httpAddress: HttpAddress | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error that names the variable with an invalid value */
export function readConfig(environment: Environment): WatcherConfig {
  const targetNamespaces = (environment['AZURE_TARGET_NAMESPACES'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  for (const name of targetNamespaces) {
    if (!isNamespaceName(name))
      throw new Error(`AZURE_TARGET_NAMESPACES: "${name}" is not a namespace name; give names separated by commas`);
  }
  return {
    targetNamespaces: [...new Set(targetNamespaces)],
    watchSecrets: watchesSecrets(environment),
    syncPeriodMs: syncPeriod(valueOf(environment, 'AZURE_SYNC_PERIOD')),
    pacePerSecond: pace(valueOf(environment, 'WATCHER_SIGNALS_PER_SECOND')),
    namespace: podNamespace(environment),
    genericTypes: readGenericTypes(environment),
    httpAddress: readHttpAddress(environment, 'watcher'),
  };
}

function syncPeriod(text: string | undefined): number | undefined {
  if (text === undefined) return 3_600_000;
  if (text === 'never') return undefined;
  const ms = goDurationMs(text);
  if (ms === undefined || ms <= 0)
    throw new Error(`AZURE_SYNC_PERIOD: "${text}" is not a duration; use a Go duration like 1h or 15m, or never`);
  return ms;
}

function pace(text: string | undefined): number {
  const perSecond = Number(text ?? 50);
  if (!(perSecond >= 0.1 && perSecond <= 1000))
    throw new Error(`WATCHER_SIGNALS_PER_SECOND: "${text ?? ''}" is not a number from 0.1 to 1000`);
  return perSecond;
}

function isNamespaceName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

function valueOf(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}
