import { emitEvent, type EventInput } from '../../kube/events.ts';
import type { StepDependencies } from '../dependencies.ts';
import type { Resource } from './resource.ts';

/**
 * Records an Event about the resource, best effort. An Event must not contain a secret: everybody who can read the
 * namespace can read its Events.
 */
export async function recordEvent(
  { kube }: Pick<StepDependencies, 'kube'>,
  { object, ref, kind }: Pick<Resource, 'object' | 'ref' | 'kind'>,
  event: Omit<EventInput, 'regarding'>,
): Promise<void> {
  const regarding = {
    apiVersion: object.apiVersion,
    kind: kind.kind,
    namespace: ref.namespace,
    name: ref.name,
    uid: object.metadata.uid,
  };
  await emitEvent(kube, { ...event, regarding });
}
