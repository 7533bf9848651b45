import type { JsonObject, Kind, Kinds } from '../kinds/contract.ts';
import { appliedVersion } from '../kube/applied-version.ts';
import type { KubeObject } from '../kube/contract.ts';
import { ANNOTATIONS, NAMESPACE_CREDENTIAL } from '../kube/names.ts';
import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';

/** What is kept of a custom resource: enough to see that it, or something it depends on, has changed. */
export interface KnownResource {
  readonly ref: ResourceRef;
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  readonly reconcilePolicy: string | undefined;
  readonly credentialFrom: string | undefined;
  readonly ready: boolean;
  readonly resourceId: string | undefined;
  /** Keys of what its fingerprint covers: Secrets and ConfigMaps. */
  readonly inputs: readonly string[];
  /** Keys of its owner and of the resources it refers to. */
  readonly resources: readonly string[];
}

export function secretKey(namespace: string, name: string): string {
  return `Secret/${namespace}/${name}`;
}

export function configMapKey(namespace: string, name: string): string {
  return `ConfigMap/${namespace}/${name}`;
}

export function namespaceKey(name: string): string {
  return `Namespace/${name}`;
}

/** A spec that cannot be read has no inputs: its workflow will say what is wrong with it. */
export function toKnownResource(kinds: Kinds, kind: Kind, object: KubeObject): KnownResource {
  const { metadata, status } = object;
  const namespace = metadata.namespace ?? '';
  const annotations = metadata.annotations ?? {};
  const { inputs, resources } = namesIn(kinds, kind, object);
  const credentialFrom = annotations[ANNOTATIONS.credentialFrom];
  const credentials = credentialFrom === undefined ? [NAMESPACE_CREDENTIAL] : [NAMESPACE_CREDENTIAL, credentialFrom];
  return {
    ref: { group: kind.group, kind: kind.kind, namespace, name: metadata.name },
    uid: metadata.uid,
    generation: metadata.generation ?? 0,
    deleting: metadata.deletionTimestamp !== undefined,
    reconcilePolicy: annotations[ANNOTATIONS.reconcilePolicy],
    credentialFrom,
    ready: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    resourceId: annotations[ANNOTATIONS.resourceId],
    inputs: unique([...inputs, ...credentials.map((name) => secretKey(namespace, name))]),
    resources: unique(resources),
  };
}

function namesIn(kinds: Kinds, kind: Kind, object: KubeObject): { inputs: string[]; resources: string[] } {
  const spec = object.spec ?? {};
  const namespace = object.metadata.namespace ?? '';
  const inputs: string[] = [];
  const resources = ownerOf(kind, spec, namespace);
  for (const input of readInputs(kinds, kind, object)) {
    if (input.type === 'secret' || input.type === 'secretMap') inputs.push(secretKey(namespace, input.name));
    else if (input.type === 'configMap') inputs.push(configMapKey(namespace, input.name));
    else if (input.type === 'reference') resources.push(workflowId({ ...input, namespace }));
  }
  return { inputs, resources };
}

function readInputs(kinds: Kinds, kind: Kind, object: KubeObject): ReturnType<ReturnType<Kinds['shape']>['inputs']> {
  const spec = object.spec ?? {};
  try {
    return kinds.shapeFor(kind, { versionName: appliedVersion(object), spec }).inputs(spec);
  } catch {
    return [];
  }
}

function ownerOf(kind: Kind, spec: JsonObject, namespace: string): string[] {
  const owner = spec['owner'];
  if (typeof owner !== 'object' || owner === null || Array.isArray(owner) || kind.owner === null) return [];
  const named: JsonObject = kind.owner === 'any' ? owner : { ...kind.owner, name: owner['name'] ?? null };
  const { group, kind: ownerKind, name } = named;
  if (typeof group !== 'string' || typeof ownerKind !== 'string' || typeof name !== 'string') return [];
  return [workflowId({ group, kind: ownerKind, namespace, name })];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted();
}
