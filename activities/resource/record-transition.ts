import { hideSecrets } from '../../azure/clean-message.ts';
import { STORAGE_VERSION, type Kind } from '../../kinds/contract.ts';
import { byKubernetesOrder } from '../../kinds/facts/version-order.ts';
import type { StepDependencies } from '../dependencies.ts';
import type { Resource } from './resource.ts';
import { eventOf, type Facts, type TransitionName } from './transitions.ts';

/**
 * Tells a transition of the resource, once it is a fact: in the log when the attempt ends, and as an Event, which is
 * written beside the step. A step that was cancelled writes no Event. The facts must not contain a secret: everybody who
 * can read the namespace can read its Events.
 */
export function recordTransition<K extends TransitionName>(
  { events, step }: Pick<StepDependencies, 'events' | 'step'>,
  { object, ref, kind }: Pick<Resource, 'object' | 'ref' | 'kind'>,
  name: K,
  facts: Facts<K>,
): void {
  const shown = Object.entries<string | number | undefined>(facts).map(
    ([fact, value]) => [fact, hidden(value, step.secrets)] as const,
  );
  const transition = { name, facts: Object.fromEntries(shown) };
  step.record(transition);
  const event = eventOf(transition);
  if (event === undefined || step.isCancelled) return;
  const regarding = {
    apiVersion: `${kind.group}/${preferredVersion(kind)}`,
    kind: kind.kind,
    namespace: ref.namespace,
    name: ref.name,
    uid: object.metadata.uid,
  };
  events.record({ ...event, sameness: samenessOf(event.note), regarding });
}

function hidden(value: string | number | undefined, secrets: readonly string[]): string | number | undefined {
  return typeof value === 'string' ? hideSecrets(value, secrets) : value;
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
