import type { OwnerReference } from '../kube/contract.ts';
import { writeOwnedObject } from '../kube/owned-objects.ts';
import { STORAGE_VERSION } from '../kinds/contract.ts';
import type { ExportedObject } from '../contract/stored-state.ts';
import type { Activities } from '../contract/steps.ts';
import type { StepDependencies } from './dependencies.ts';
import { exportContext, type ExportedValue } from './exports/exported-value.ts';
import { requirePresent, readResource, type Resource } from './resource/resource.ts';
import { StepError } from './step-error.ts';
import { storedStateOf } from './resource/stored-state.ts';
import { recordEvent } from './resource/events.ts';

interface Destination extends ExportedObject {
  data: Record<string, string>;
  annotations: Record<string, string>;
  labels: Record<string, string>;
}

/**
 * Step 5. Writes the destination Secrets and ConfigMaps: all keys of one object in one apply, so that a key dropped from the spec goes from the object.
 * An object that exists and is not ours is left alone. Every destination is attempted before a failure is reported.
 */
export async function writeSecrets(
  deps: StepDependencies,
  { target, sealed }: Parameters<Activities['writeSecrets']>[0],
): Promise<{ exported: ExportedObject[] }> {
  const { namespace } = target.ref;
  const resource = requirePresent(await readResource(deps, target.ref, target.uid), target.ref);
  const values = deps.seal.decrypt(sealed, exportContext(target)) as ExportedValue[];
  const previous = storedStateOf(resource.object)?.exported ?? [];
  const owner: OwnerReference = {
    apiVersion: `${resource.kind.group}/${STORAGE_VERSION}`,
    kind: resource.kind.kind,
    name: target.ref.name,
    uid: target.uid,
  };
  const destinations = group(values);
  // What an earlier run wrote and nobody asks for any more is emptied, not deleted: it may be mounted somewhere.
  for (const { kind, name } of previous) {
    if (!destinations.some((known) => known.kind === kind && known.name === name)) {
      destinations.push({ kind, name, data: {}, annotations: {}, labels: {} });
    }
  }
  const foreign: string[] = [];
  const orphans: string[] = [];
  for (const { kind, name, data, annotations, labels } of destinations) {
    const known = previous.some((written) => written.kind === kind && written.name === name);
    const object = { kind, namespace, name, data, annotations, labels, owner, known };
    const outcome = await writeOwnedObject(deps.kube, object);
    if (outcome === 'taken back') await recordOverwrite(deps, resource, `${kind} ${namespace}/${name}`);
    if (outcome === 'foreign') foreign.push(`${kind} ${namespace}/${name}`);
    if (outcome === 'orphan') orphans.push(`${kind} ${namespace}/${name}`);
  }
  if (foreign.length > 0) {
    const message = `cannot write ${foreign.join(', ')}: it exists and does not belong to this resource; choose another name or delete it`;
    throw new StepError('FailedWritingAdditionalKubernetesObjects', message);
  }
  if (orphans.length > 0) {
    // Not for good, as the row says: the garbage collector is about to remove what belonged to a deleted resource of the same name.
    const message = `cannot write ${orphans.join(', ')} yet: it belongs to a deleted resource of this name and is about to be removed`;
    throw new StepError('FailedWritingAdditionalKubernetesObjects', message, { retry: 'Slow' });
  }
  return { exported: group(values).map(({ kind, name }) => ({ kind, name })) };
}

async function recordOverwrite(deps: StepDependencies, resource: Resource, title: string): Promise<void> {
  const note = `${title} was edited by somebody else: the keys that this resource exports were written back`;
  await recordEvent(deps, resource, { type: 'Warning', reason: 'ExportTakenBack', note, action: 'WriteSecrets' });
}

function group(values: readonly ExportedValue[]): Destination[] {
  const objects = new Map<string, Destination>();
  for (const { target: kind, name, key, value, annotations, labels } of values) {
    const id = `${kind}/${name}`;
    const object = objects.get(id) ?? { kind, name, data: {}, annotations: {}, labels: {} };
    if (key in object.data) {
      const message = `cannot write ${kind} ${name}: two exports go to its key "${key}"`;
      throw new StepError('FailedWritingAdditionalKubernetesObjects', message);
    }
    object.data[key] = kind === 'Secret' ? Buffer.from(value, 'utf8').toString('base64') : value;
    addMetadata(object, 'annotations', annotations);
    addMetadata(object, 'labels', labels);
    objects.set(id, object);
  }
  return [...objects.values()];
}

/** Several exports to one object add up their metadata; they must not say different things of it. */
function addMetadata(
  object: Destination,
  field: 'annotations' | 'labels',
  more: Readonly<Record<string, string>> | undefined,
): void {
  for (const [name, value] of Object.entries(more ?? {})) {
    if ((object[field][name] ?? value) !== value) {
      const message = `cannot write ${object.kind} ${object.name}: two exports give it different ${field} "${name}"`;
      throw new StepError('FailedWritingAdditionalKubernetesObjects', message);
    }
    object[field][name] = value;
  }
}
