import type { OwnerReference } from '../kube/contract.ts';
import { writeOwnedObject } from '../kube/owned-objects.ts';
import { isOwnSecret } from '../kube/names.ts';
import { STORAGE_VERSION } from '../kinds/contract.ts';
import type { ExportedObject } from '../contract/stored-state.ts';
import type { Activities } from '../contract/steps.ts';
import type { StepDependencies } from './dependencies.ts';
import { exportContext, type ExportedValue } from './exports/exported-value.ts';
import { fetchValues } from './fetch-keys.ts';
import { showsReady } from './resource/conditions.ts';
import { requirePresent, readResource } from './resource/resource.ts';
import { StepError } from './step-error.ts';
import { storedStateOf } from './resource/stored-state.ts';
import { recordTransition } from './resource/record-transition.ts';

interface Destination extends ExportedObject {
  data: Record<string, string>;
  annotations: Record<string, string>;
  labels: Record<string, string>;
}

/**
 * Step 5. Writes the destination Secrets and ConfigMaps. All keys of one object are applied in one request, so a key
 * that is removed from the spec is removed from the object. An existing object that does not belong to this resource is
 * not changed. Every destination is attempted before a failure is reported.
 */
export async function writeSecrets(
  deps: StepDependencies,
  { target, sealed }: Parameters<Activities['writeSecrets']>[0],
): Promise<{ exported: ExportedObject[] }> {
  const { namespace } = target.ref;
  const resource = requirePresent(await readResource(deps, target.ref, target.uid), target.ref);
  const opened = await deps.seal.decrypt(sealed, exportContext(target));
  // A lost key must not stop the resource: the values are fetched again.
  const values = opened === undefined ? await fetchValues(deps, target) : (opened as ExportedValue[]);
  const previous = storedStateOf(resource.object)?.exported ?? [];
  const owner: OwnerReference = {
    apiVersion: `${resource.kind.group}/${STORAGE_VERSION}`,
    kind: resource.kind.kind,
    name: target.ref.name,
    uid: target.uid,
  };
  const destinations = group(values);
  checkNames(destinations, namespace);
  // An object that the spec no longer names is emptied and not deleted: a Pod may have it mounted.
  for (const { kind, name } of previous) {
    if (!destinations.some((known) => known.kind === kind && known.name === name)) {
      destinations.push({ kind, name, data: {}, annotations: {}, labels: {} });
    }
  }
  const written: string[] = [];
  const foreign: string[] = [];
  const orphans: string[] = [];
  for (const { kind, name, data, annotations, labels } of destinations) {
    const known = previous.some((written) => written.kind === kind && written.name === name);
    const object = { kind, namespace, name, data, annotations, labels, owner, writtenBefore: known };
    const outcome = await writeOwnedObject(deps.kube, object);
    if (outcome === 'taken back') recordTransition(deps, resource, 'ExportTakenBack', { objects: `${kind} ${name}` });
    if (outcome === 'written') written.push(`${kind} ${name}`);
    if (outcome === 'foreign') foreign.push(`${kind} ${namespace}/${name}`);
    if (outcome === 'orphan') orphans.push(`${kind} ${namespace}/${name}`);
  }
  // Of a resource that is about to become Ready, the Event of that names all of them.
  if (written.length > 0 && showsReady(resource, target))
    recordTransition(deps, resource, 'ExportsWritten', { objects: written.join(', ') });
  if (foreign.length > 0) {
    const message = `cannot write ${foreign.join(', ')}: it exists and does not belong to this resource; choose another name or delete it`;
    throw new StepError('FailedWritingAdditionalKubernetesObjects', message);
  }
  if (orphans.length > 0) {
    // Not fatal as in the row: the garbage collector is about to remove the object of a deleted resource of this name.
    const message = `cannot write ${orphans.join(', ')} yet: it belongs to a deleted resource of the same name, and Kubernetes is about to remove it`;
    throw new StepError('FailedWritingAdditionalKubernetesObjects', message, { retry: 'Slow' });
  }
  return { exported: group(values).map(({ kind, name }) => ({ kind, name })) };
}

/** A Secret of another owner is left alone below. These names are reserved even while there is no such Secret. */
function checkNames(destinations: readonly Destination[], namespace: string): void {
  const own = destinations.find(({ kind, name }) => kind === 'Secret' && isOwnSecret({ name }));
  if (own === undefined) return;
  const message = `cannot write Secret ${namespace}/${own.name}: the name is reserved for the operator's own keys; choose another name in operatorSpec`;
  throw new StepError('SecretReserved', message);
}

function group(values: readonly ExportedValue[]): Destination[] {
  const objects = new Map<string, Destination>();
  for (const { target: kind, name, key, value, annotations, labels } of values) {
    const id = `${kind}/${name}`;
    const object = objects.get(id) ?? { kind, name, data: {}, annotations: {}, labels: {} };
    if (key in object.data) {
      const message = `cannot write ${kind} ${name}: two exports have the same key "${key}"; choose another key for one of them`;
      throw new StepError('FailedWritingAdditionalKubernetesObjects', message);
    }
    object.data[key] = kind === 'Secret' ? Buffer.from(value, 'utf8').toString('base64') : value;
    addMetadata(object, 'annotations', annotations);
    addMetadata(object, 'labels', labels);
    objects.set(id, object);
  }
  return [...objects.values()];
}

/** Exports to the same object are merged with their metadata, so their values for one name must be equal. */
function addMetadata(
  object: Destination,
  field: 'annotations' | 'labels',
  more: Readonly<Record<string, string>> | undefined,
): void {
  for (const [name, value] of Object.entries(more ?? {})) {
    if ((object[field][name] ?? value) !== value) {
      const message = `cannot write ${object.kind} ${object.name}: two exports set different values for "${name}" in its ${field}; make them equal`;
      throw new StepError('FailedWritingAdditionalKubernetesObjects', message);
    }
    object[field][name] = value;
  }
}
