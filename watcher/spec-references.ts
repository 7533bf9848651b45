import { workflowId } from '../contract/resource-ref.ts';
import { STORAGE_VERSION, type JsonObject, type Kind, type Kinds, type Shape } from '../kinds/contract.ts';
import { appliedVersion } from '../kube/applied-version.ts';
import type { KubeObject } from '../kube/contract.ts';
import { configMapKey, secretKey } from './object-keys.ts';

/** The objects that a spec refers to, as keys. */
export interface SpecReferences {
  /** Secrets and ConfigMaps that it reads. */
  readonly inputs: readonly string[];
  /** Its owner and the custom resources that it refers to. */
  readonly resources: readonly string[];
  /** Secrets and ConfigMaps that it exports to. */
  readonly destinations: readonly string[];
}

/** @param given.shared returns the one string to keep for a key */
export function referencesOf(
  kinds: Kinds,
  given: { kind: Kind; object: KubeObject; shared: (key: string) => string },
): SpecReferences {
  const { kind, object, shared } = given;
  const spec = object.spec ?? {};
  const namespace = object.metadata.namespace ?? '';
  const inputs: string[] = [];
  const resources = ownerOf(kind, spec, namespace);
  const shape = shapeOf(kinds, kind, object);
  for (const input of emptyIfInvalid(() => shape?.inputs(spec))) {
    if (input.type === 'secret' || input.type === 'secretMap') inputs.push(secretKey(namespace, input.name));
    else if (input.type === 'configMap') inputs.push(configMapKey(namespace, input.name));
    else if (input.type === 'reference') resources.push(workflowId({ ...input, namespace }));
  }
  const exports = [...emptyIfInvalid(() => shape?.exports(spec)), ...emptyIfInvalid(() => shape?.expressions(spec))];
  const destinations = exports.map(({ target, name }) =>
    target === 'Secret' ? secretKey(namespace, name) : configMapKey(namespace, name),
  );
  const sharedKeys = (keys: readonly string[]): readonly string[] => unique(keys).map(shared);
  return { inputs: sharedKeys(inputs), resources: sharedKeys(resources), destinations: sharedKeys(destinations) };
}

function shapeOf(kinds: Kinds, kind: Kind, object: KubeObject): Shape | undefined {
  try {
    return kinds.shapeFor(kind, { versionName: appliedVersion(object, STORAGE_VERSION), spec: object.spec ?? {} });
  } catch {
    return undefined;
  }
}

function emptyIfInvalid<T>(read: () => readonly T[] | undefined): readonly T[] {
  try {
    return read() ?? [];
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

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted();
}
