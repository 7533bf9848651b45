import { hideSecrets } from '../../azure/clean-message.ts';
import { STORAGE_VERSION, type Kind } from '../../kinds/contract.ts';
import { byKubernetesOrder } from '../../kinds/facts/version-order.ts';
import type { StepDependencies } from '../dependencies.ts';
import type { Resource } from './resource.ts';
import { transition, type Facts, type TransitionName } from './transitions.ts';

/**
 * Tells a transition of the resource as an Event. It is written beside the step, which does not wait for it; a step that
 * was cancelled tells nothing. The facts must not contain a secret: everybody who can read the namespace can read its
 * Events.
 */
export function recordEvent<K extends TransitionName>(
  { events, step }: Pick<StepDependencies, 'events' | 'step'>,
  { object, ref, kind }: Pick<Resource, 'object' | 'ref' | 'kind'>,
  name: K,
  facts: Facts<K>,
): void {
  if (step.isCancelled) return;
  const { note, ...told } = transition(name, facts);
  const shown = hideSecrets(note, step.secrets);
  const regarding = {
    apiVersion: `${kind.group}/${preferredVersion(kind)}`,
    kind: kind.kind,
    namespace: ref.namespace,
    name: ref.name,
    uid: object.metadata.uid,
  };
  events.record({ ...told, note: shown, sameness: samenessOf(shown), regarding });
}

/** `kubectl events --for KIND/NAME` finds only events of the version that the API server prefers for the kind. */
function preferredVersion({ served }: Kind): string {
  return [...Object.values(served).flat(), STORAGE_VERSION].sort(byKubernetesOrder)[0] ?? STORAGE_VERSION;
}

/**
 * What remains of a message of Azure at every attempt: without the ids of the request, the times, and how long to wait.
 */
export function samenessOf(message: string): string {
  return message
    .replace(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<id>')
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?/g, '<time>')
    .replace(/\b\d+(?:\.\d+)? ?(?:ms|s|sec|seconds?|min|minutes?)\b/g, '<duration>');
}
