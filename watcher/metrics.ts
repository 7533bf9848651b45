import type { Registry } from 'prom-client';
import { reflectorMetrics, resourceMetrics, signalMetrics } from '../process/metrics.ts';
import type { KnownResource } from './known-resource.ts';
import type { SignalSender } from './signal-sender.ts';
import type { WatcherState } from './state.ts';

export interface WatcherMetrics {
  readonly signalled: (because: string, outcome: 'sent' | 'failed') => void;
  /** `collection`: the name of a reflector (`discovery.ts`). */
  readonly fault: (collection: string, phase: 'list' | 'watch' | 'handler') => void;
  readonly corrected: (collection: string, objects: number) => void;
}

/** Registers the metrics of the watcher, and returns what its parts tell them. */
export function watcherMetrics(
  registry: Registry,
  given: {
    readonly leads: () => boolean;
    readonly state: () => Pick<WatcherState, 'managed'>;
    readonly queue: () => SignalSender['queue'];
  },
): WatcherMetrics {
  resourceMetrics(registry, () => (given.leads() ? counted(given.state().managed()) : []));
  const { signalled } = signalMetrics(registry, { leads: given.leads, queue: given.queue });
  const { fault, corrected } = reflectorMetrics(registry);
  return {
    signalled,
    fault: (collection, phase) => fault(withoutNamespace(collection), phase),
    corrected: (collection, objects) => corrected(withoutNamespace(collection), objects),
  };
}

function* counted(resources: Iterable<KnownResource>): Iterable<Parameters<Count>[0]> {
  for (const { ref, state, reason } of resources) yield { group: ref.group, kind: ref.kind, state, reason };
}

type Count = (resource: { group: string; kind: string; state: string; reason: string }) => void;

/** With AZURE_TARGET_NAMESPACES there is a reflector for each namespace. */
function withoutNamespace(collection: string): string {
  return collection.split(' in ')[0] ?? collection;
}
