import type { JsonObject, Kind, Kinds, SpecInput } from '../../kinds/contract.ts';
import { asList, asObject, asString } from '../../simulator/json.ts';
import { exceptionFor } from './exceptions.ts';
import { groupOf, versionOf, type Sample } from './load-samples.ts';

/** What is applied together in one namespace: a folder of samples with all that they refer to. */
export interface Plan {
  readonly unit: string;
  /** The folder's own, as far as they are chosen. */
  readonly samples: readonly Sample[];
  /** What they refer to, from this folder or another; where nobody has it, a sample of that kind, renamed. */
  readonly borrowed: readonly Sample[];
  /** Secrets and ConfigMaps that are named but that no manifest here produces; the keys that are read. */
  readonly inputs: readonly { readonly kind: 'Secret' | 'ConfigMap'; readonly name: string; readonly keys: readonly string[] }[];
}

interface Named {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** One plan for each folder that has something chosen in it. */
export function planSamples(kinds: Kinds, all: readonly Sample[], chosen: readonly Sample[]): Plan[] {
  const usable = all.filter((sample) => exceptionFor(sample) === undefined);
  const units = [...new Set(chosen.map(({ unit }) => unit))];
  return units.map((unit) =>
    planUnit(
      kinds,
      usable,
      unit,
      chosen.filter((sample) => sample.unit === unit),
    ),
  );
}

function planUnit(kinds: Kinds, all: readonly Sample[], unit: string, samples: readonly Sample[]): Plan {
  const borrowed: Sample[] = [];
  const here = (): Sample[] => [...samples, ...borrowed];
  const missing = new Map<string, SpecInput>();
  const queue = [...samples];
  for (let sample = queue.shift(); sample; sample = queue.shift()) {
    const home = sample;
    const needed = neededBy(kinds, home).filter((named) => !here().some((other) => isNamed(other, named)));
    const found = needed.map((named) => find(all, home, named));
    for (const input of storedInputs(kinds, home)) {
      if ([...here(), ...found].some((other) => produces(other, input))) continue;
      const producer = all.find((other) => other.unit === home.unit && produces(other, input));
      if (producer) found.push(producer);
      else missing.set(`${input.type} ${input.name} ${'key' in input ? input.key : ''}`, input);
    }
    borrowed.push(...found);
    queue.push(...found);
  }
  return { unit, samples, borrowed, inputs: objectsFor([...missing.values()]) };
}

/** Owner and references that are named, not given by id. */
function neededBy(kinds: Kinds, sample: Sample): Named[] {
  const kind = kindOf(kinds, sample);
  const owner = asObject(sample.manifest.spec['owner']);
  const ownerName = asString(owner['name']);
  const references = inputsOf(kinds, sample).filter((input) => input.type === 'reference');
  if (ownerName === '' || kind.owner === null) return references;
  const id =
    kind.owner === 'any' ? { group: asString(owner['group']), kind: asString(owner['kind']) } : kind.owner;
  return [{ ...id, name: ownerName }, ...references];
}

/** The sample of that name, the nearest first; where there is none, another of its kind under that name. */
function find(all: readonly Sample[], home: Sample, named: Named): Sample {
  const near = (one: Sample): number => (one.unit === home.unit ? 0 : groupFolder(one) === groupFolder(home) ? 1 : 2);
  const ofKind = all
    .filter((other) => groupOf(other) === named.group && other.manifest.kind === named.kind)
    .sort((one, other) => near(one) - near(other));
  const same = ofKind.find((other) => isNamed(other, named));
  if (same) return same;
  const [model] = ofKind;
  if (!model) throw new Error(`${home.file} refers to ${named.kind} ${named.name}, and no sample is of that kind`);
  const { azureName: _ofTheModel, ...spec } = model.manifest.spec;
  const metadata = { ...model.manifest.metadata, name: named.name };
  return { ...model, manifest: { ...model.manifest, metadata, spec } };
}

function storedInputs(kinds: Kinds, sample: Sample): Exclude<SpecInput, { type: 'reference' | 'armId' }>[] {
  return inputsOf(kinds, sample).filter((input) => input.type !== 'reference' && input.type !== 'armId');
}

/** A key of a Secret or ConfigMap that a sample's `operatorSpec` has written; an expression without a key writes several. */
export interface Destination {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly key: string | undefined;
}

/** All that the sample's `operatorSpec` has written. */
export function destinationsOf({ manifest }: Sample): Destination[] {
  const operatorSpec = asObject(manifest.spec['operatorSpec']);
  const written = (kind: Destination['kind'], fields: string, expressions: string): Destination[] =>
    [...Object.values(asObject(operatorSpec[fields])), ...asList(operatorSpec[expressions])]
      .map(asObject)
      .map(({ name, key }) => ({ kind, name: asString(name), key: typeof key === 'string' ? key : undefined }));
  return [
    ...written('Secret', 'secrets', 'secretExpressions'),
    ...written('ConfigMap', 'configMaps', 'configMapExpressions'),
  ];
}

function produces(sample: Sample, input: SpecInput): boolean {
  const kind = input.type === 'configMap' ? 'ConfigMap' : 'Secret';
  return destinationsOf(sample).some(
    (destination) =>
      destination.kind === kind &&
      'name' in input &&
      destination.name === input.name &&
      (!('key' in input) || destination.key === undefined || destination.key === input.key),
  );
}

function objectsFor(inputs: readonly SpecInput[]): Plan['inputs'] {
  const objects = new Map<string, { kind: 'Secret' | 'ConfigMap'; name: string; keys: string[] }>();
  for (const input of inputs) {
    if (!('name' in input)) continue;
    const kind = input.type === 'configMap' ? 'ConfigMap' : 'Secret';
    const object = objects.get(`${kind} ${input.name}`) ?? { kind, name: input.name, keys: [] };
    object.keys.push('key' in input ? input.key : 'value');
    objects.set(`${kind} ${input.name}`, object);
  }
  return [...objects.values()];
}

function inputsOf(kinds: Kinds, sample: Sample): SpecInput[] {
  const kind = kindOf(kinds, sample);
  const apiVersion = kinds.apiVersionOf(kind, versionOf(sample));
  if (apiVersion === undefined) throw new Error(`${sample.file}: ${versionOf(sample)} is not served`);
  return kinds.shape(kind, apiVersion).inputs(sample.manifest.spec);
}

/** @throws Error for a kind that is not served. */
export function kindOf(kinds: Kinds, sample: Sample): Kind {
  const kind = kinds.find({ group: groupOf(sample), kind: sample.manifest.kind });
  if (!kind) throw new Error(`${sample.file}: ${sample.manifest.kind} is not served`);
  return kind;
}

function isNamed(sample: Sample, { group, kind, name }: Named): boolean {
  const { manifest } = sample;
  return groupOf(sample) === group && manifest.kind === kind && manifest.metadata.name === name;
}

function groupFolder({ unit }: Sample): string {
  return unit.split('/')[0] ?? '';
}

/** The manifest as JSON for another namespace; nothing else of it changes. */
export function inNamespace({ manifest }: Sample, namespace: string): Sample['manifest'] {
  return { ...manifest, metadata: { ...manifest.metadata, namespace }, spec: manifest.spec satisfies JsonObject };
}
