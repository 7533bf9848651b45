import type { Registry } from 'prom-client';
import type { Dependencies } from '../activities/dependencies.ts';
import type { ArmObserver } from '../azure/observer.ts';
import { ARM_REASONS, OWN_REASONS } from '../azure/reasons.ts';
import type { Kinds } from '../kinds/contract.ts';
import { armMetrics, sealingKeyMetrics, stepMetrics } from '../process/metrics.ts';
import type { KeyRing } from './key-ring.ts';
import type { WorkerSettings } from './settings.ts';

export interface WorkerMetrics {
  readonly observeStep: Dependencies['observeStep'];
  readonly observer: ArmObserver;
}

/** Registers the metrics of the worker, and returns what its parts tell them. */
export function workerMetrics(
  registry: Registry,
  { kinds, settings, keyRing }: { kinds: Kinds; settings: WorkerSettings; keyRing: Pick<KeyRing, 'currentSince'> },
): WorkerMetrics {
  sealingKeyMetrics(registry, () => keyRing.currentSince);
  return {
    observeStep: stepMetrics(registry, new Set([...OWN_REASONS, ...ARM_REASONS].map(({ code }) => code))),
    observer: armMetrics(registry, providersOf(kinds, settings)),
  };
}

/** The providers of the kinds, and those that the administrator has named for GenericResource. */
function providersOf(kinds: Kinds, { genericTypes }: WorkerSettings): Set<string> {
  const named = (genericTypes?.setting ?? '').split(';').map((part) => part.trim());
  const types = [...kinds.all().map(({ armType }) => armType), ...named, 'Microsoft.Resources'];
  return new Set(types.map((type) => (type.split('/')[0] ?? '').toLowerCase()).filter((name) => name !== ''));
}
