import type { JsonObject, KubeObject } from '../../kube/contract.ts';
import type { SpecInput } from '../../kinds/contract.ts';
import { valueAt } from '../../kinds/json-path.ts';
import type { InputFact, Wait } from '../../contract/steps.ts';
import type { Dependencies } from '../dependencies.ts';
import { annotationOf } from '../../kube/annotations.ts';
import { isOwnSecret, OWN_SECRET_LABEL } from '../../kube/names.ts';
import { kindOf, pathOf, type Resource } from './resource.ts';
import { StepError } from '../step-error.ts';

/** The values of everything that the spec refers to, or the first input that is missing. */
export type Inputs =
  | { readonly missing: Wait }
  | {
      readonly missing?: undefined;
      readonly values: Map<string, string | Record<string, string>>;
      readonly facts: InputFact[];
      /** The values that were read from Secrets. */
      readonly secrets: string[];
    };

interface Stored extends JsonObject {
  data?: Record<string, string>;
}

type Deps = Pick<Dependencies, 'kube' | 'kinds' | 'seal'>;

/**
 * Reads the Secrets, ConfigMaps and references of a spec in the namespace of the resource, each object once. The values
 * must not leave the calling activity.
 */
export async function readInputs(deps: Deps, resource: Resource): Promise<Inputs> {
  const values = new Map<string, string | Record<string, string>>();
  const facts: InputFact[] = [];
  const secrets: string[] = [];
  const objects = new Map<string, Promise<KubeObject | undefined>>();
  const read = (plural: 'secrets' | 'configmaps', name: string): Promise<KubeObject | undefined> => {
    const id = `${plural}/${name}`;
    const reading =
      objects.get(id) ?? deps.kube.get({ version: 'v1', plural, namespace: resource.ref.namespace, name });
    objects.set(id, reading);
    return reading;
  };
  for (const input of resource.shape.inputs(resource.spec)) {
    checkTwin(resource.spec, input);
    const found = await readInput(deps, resource, input, read);
    if ('missing' in found) return found;
    values.set(input.path, found.value);
    if (input.type === 'secret' || input.type === 'secretMap')
      secrets.push(...(typeof found.value === 'string' ? [found.value] : Object.values(found.value)));
    if ('name' in input) {
      const fingerprint = deps.seal.fingerprint(found.value);
      const key = 'key' in input ? { key: input.key } : {};
      facts.push({ path: input.path, name: input.name, ...key, resourceVersion: found.resourceVersion, fingerprint });
    }
  }
  return { values, facts, secrets };
}

/** A key of a Secret; without `key` all of its keys. */
export interface SecretPlace {
  readonly name: string;
  readonly key?: string;
}

/** The places from which the spec takes secret values. */
export function secretPlaces({ shape, spec }: Pick<Resource, 'shape' | 'spec'>): SecretPlace[] {
  return shape.inputs(spec).flatMap((input): SecretPlace[] => {
    if (input.type === 'secretMap') return [{ name: input.name }];
    return input.type === 'secret' ? [{ name: input.name, key: input.key }] : [];
  });
}

/**
 * The values at these places of a namespace, for what must not contain them. A Secret or key that is missing is left
 * out.
 * @throws KubeError
 */
export async function readSecretValues(
  { kube }: Pick<Dependencies, 'kube'>,
  namespace: string,
  places: readonly SecretPlace[],
): Promise<string[]> {
  const names = [...new Set(places.map(({ name }) => name))];
  const read = names.map(async (name) => {
    const object = await kube.get<KubeObject>({ version: 'v1', plural: 'secrets', namespace, name });
    return [name, (object as unknown as Stored | undefined)?.data ?? {}] as const;
  });
  const data = new Map(await Promise.all(read));
  return places.flatMap(({ name, key }) => {
    const all = data.get(name) ?? {};
    const given = key === undefined ? Object.values(all) : [all[key]];
    return given.flatMap((text) => (text === undefined ? [] : [Buffer.from(text, 'base64').toString('utf8')]));
  });
}

/** `xFromConfig` and `xFromSecret` replace `x`. If both are set, it is unclear which one applies. */
function checkTwin(spec: JsonObject, { path }: SpecInput): void {
  const twin = /^(.+)From(?:Config|Secret)$/.exec(path)?.[1];
  if (twin === undefined) return;
  const plain = valueAt(spec, twin);
  if (plain === undefined || plain === null || plain === '') return;
  throw new StepError('InvalidSpec', `exactly one of spec.${twin} and spec.${path} must be set, not both`);
}

type Found =
  { readonly missing: Wait } | { readonly value: string | Record<string, string>; readonly resourceVersion: string };

async function readInput(
  deps: Deps,
  { ref }: Resource,
  input: SpecInput,
  read: (plural: 'secrets' | 'configmaps', name: string) => Promise<KubeObject | undefined>,
): Promise<Found> {
  if (input.type === 'armId') return { value: input.armId, resourceVersion: '' };
  if (input.type === 'reference') return readReference(deps, ref.namespace, input);
  const isSecret = input.type !== 'configMap';
  const reason = isSecret ? 'SecretNotFound' : 'ConfigMapNotFound';
  const title = `${isSecret ? 'Secret' : 'ConfigMap'} ${ref.namespace}/${input.name}`;
  if (isSecret && isOwnSecret(input)) throw reserved(title, input.path);
  const object = await read(isSecret ? 'secrets' : 'configmaps', input.name);
  if (isSecret && object && isOwnSecret(object.metadata)) throw reserved(title, input.path);
  if (!object) {
    const key = 'key' in input ? ` (key "${input.key}")` : '';
    return { missing: { reason, message: `${title}${key}, named by spec.${input.path}, does not exist` } };
  }
  const { resourceVersion } = object.metadata;
  const data = (object as unknown as Stored).data ?? {};
  if (input.type === 'secretMap') {
    const texts = Object.entries(data).map(([key, text]) => [key, textOf(text)] as const);
    const binary = texts.find(([, text]) => text === undefined)?.[0];
    if (binary !== undefined) return notText(title, binary, input.path);
    return { value: Object.fromEntries(texts) as Record<string, string>, resourceVersion };
  }
  const stored = data[input.key];
  if (stored === undefined) {
    return { missing: { reason, message: `${title} has no key "${input.key}", named by spec.${input.path}` } };
  }
  const text = isSecret ? textOf(stored) : stored;
  if (text === undefined) return notText(title, input.key, input.path);
  // Azure would answer that the field is missing, which would mislead the user.
  if (isSecret && text === '') {
    const message = `${title}: the value of key "${input.key}", named by spec.${input.path}, is empty; set a value`;
    return { missing: { reason: 'InputEmpty', message } };
  }
  return { value: text, resourceVersion };
}

function reserved(title: string, path: string): StepError {
  const message = `${title}, named by spec.${path}, is the operator's own, so it is not read; name another Secret. (Its name or its label ${OWN_SECRET_LABEL} says so)`;
  return new StepError('SecretReserved', message);
}

/** A value must be text, because ARM takes JSON. Undefined for other bytes: decoding would silently change them. */
function textOf(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

function notText(title: string, key: string, path: string): Found {
  const message = `${title}: the value of key "${key}", named by spec.${path}, is not UTF-8 text; encode it as the field expects, for example as base64`;
  return { missing: { reason: 'InputNotText', message } };
}

async function readReference(
  deps: Deps,
  namespace: string,
  input: Extract<SpecInput, { type: 'reference' }>,
): Promise<Found> {
  if (input.name.startsWith('/')) {
    const message = `spec.${input.path}.name looks like an ARM id: set armId instead, without group, kind and name`;
    throw new StepError('InvalidSpec', message);
  }
  const kind = deps.kinds.find(input);
  const title = `${input.kind}.${input.group} ${namespace}/${input.name}, named by spec.${input.path},`;
  if (!kind)
    return {
      missing: { reason: 'ReferenceNotFound', message: `${title} is of a kind that this operator does not support` },
    };
  const object = await deps.kube.get<KubeObject>(pathOf(kindOf(deps, input), { ...input, namespace }));
  const armId = object && annotationOf(object, 'resourceId');
  if (!object || !armId) {
    return {
      missing: { reason: 'ReferenceNotFound', message: `${title} ${object ? 'has no ARM id yet' : 'does not exist'}` },
    };
  }
  return { value: armId, resourceVersion: object.metadata.resourceVersion };
}
