import { isDeepStrictEqual } from 'node:util';

import { STORAGE_VERSION, type JsonObject, type Kind } from '../../kinds/contract.ts';
import { specSchema } from '../../kinds/generate/spec-schema.ts';
import type { KindsWithParts } from '../../kinds/load.ts';
import type { Json, KubeClient, KubeObject, ObjectPath } from '../../kube/contract.ts';
import { KubeError } from '../../kube/errors.ts';
import { objectPath } from '../../kube/object-path.ts';
import { fullValue } from './full-spec.ts';

type Content = 'merge-patch+json' | 'json-patch+json' | 'apply-patch+yaml' | 'json';

/** One write of somebody who has no wish to change the spec. `live`: the object as that version shows it. */
interface Write {
  readonly what: string;
  readonly method: 'PATCH' | 'PUT';
  readonly content: Content;
  readonly body: (live: KubeObject, owner: JsonObject) => Json;
  readonly subresource?: 'status';
  readonly accept?: string;
  readonly query?: string;
}

const EXPRESSIONS: Json = [{ name: 'edited', key: 'k', value: 'self.metadata.name' }];

/** The writes through a version that must leave the spec as it was. */
const WRITES: readonly Write[] = [
  {
    what: 'kubectl label',
    method: 'PATCH',
    content: 'merge-patch+json',
    body: () => ({ metadata: { labels: { labelled: 'yes' } } }),
  },
  {
    what: 'a JSON patch of an annotation',
    method: 'PATCH',
    content: 'json-patch+json',
    body: () => [{ op: 'add', path: '/metadata/annotations/annotated', value: 'yes' }],
  },
  {
    what: 'a client that reads, changes a label and replaces',
    method: 'PUT',
    content: 'json',
    body: (live) => ({
      ...(live as unknown as JsonObject),
      metadata: { ...(live.metadata as unknown as JsonObject), labels: { labelled: 'again' } },
    }),
  },
  {
    what: 'server-side apply of a label',
    method: 'PATCH',
    content: 'apply-patch+yaml',
    query: 'fieldManager=labeller',
    body: ({ apiVersion, kind, metadata: { name } }) => ({
      apiVersion,
      kind,
      metadata: { name, labels: { applied: 'yes' } },
    }),
  },
  {
    what: 'a metadata patch as the garbage collector sends it',
    method: 'PATCH',
    content: 'merge-patch+json',
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    body: ({ metadata: { uid } }, owner) => ({ metadata: { uid, ownerReferences: [owner] } }),
  },
  {
    what: 'a write of the status',
    method: 'PATCH',
    content: 'merge-patch+json',
    subresource: 'status',
    body: () => ({ status: { written: { at: ['any', 'depth'] } } }),
  },
];

export interface Outcome {
  /** What went wrong, with kind, version and write. */
  readonly faults: string[];
  readonly writes: number;
  /** Edits of the spec that the other version refused, because it demands what the spec does not have. */
  readonly refusedEdits: number;
}

/**
 * For every pair of api-versions of a kind: applies a full spec at one, writes through the other (and through the
 * storage version), and compares what is stored with what was applied.
 */
export async function writeThroughVersions(
  client: KubeClient,
  { kinds, kind, namespace }: { kinds: KindsWithParts; kind: Kind; namespace: string },
): Promise<Outcome> {
  const outcome = { faults: [] as string[], writes: 0, refusedEdits: 0 };
  const owner = await applyOwner(client, namespace);
  for (const apiVersion of kind.apiVersions) {
    const spec = fullValue(specSchema(kinds.shape(kind, apiVersion))) as JsonObject;
    for (const other of [...kind.apiVersions.filter((version) => version !== apiVersion), STORAGE_VERSION]) {
      const pair = { client, kind, namespace, owner, spec, own: nameOf(kind, apiVersion), other: nameOf(kind, other) };
      try {
        const one = await writeThrough(pair);
        outcome.faults.push(...one.faults.map((fault) => `${titleOf(pair)}: ${fault}`));
        outcome.writes += WRITES.length;
        outcome.refusedEdits += one.isEditRefused ? 1 : 0;
      } catch (error) {
        outcome.faults.push(`${titleOf(pair)}: ${textOf(error)}`);
      }
    }
  }
  return outcome;
}

interface Pair {
  readonly client: KubeClient;
  readonly kind: Kind;
  readonly namespace: string;
  /** An owner reference to an object that exists; else the garbage collector would delete the resource. */
  readonly owner: JsonObject;
  readonly spec: JsonObject;
  readonly own: string;
  readonly other: string;
}

async function applyOwner(client: KubeClient, namespace: string): Promise<JsonObject> {
  const [apiVersion, kind, name] = ['v1', 'ConfigMap', 'owner-of-resources'];
  const path = { version: 'v1', plural: 'configmaps', namespace, name };
  const body = { apiVersion, kind, metadata: { name } };
  const { metadata } = await client.apply(path, body, { fieldManager: 'test', force: true });
  return { apiVersion, kind, name, uid: metadata.uid };
}

function textOf(error: unknown): string {
  return error instanceof KubeError ? `${error.message} ${JSON.stringify(error.causes)}` : String(error);
}

function titleOf({ kind, own, other }: Pair): string {
  return `${kind.kind}.${kind.group} ${own} through ${other}`;
}

function nameOf(kind: Kind, apiVersion: string): string {
  return kind.served[apiVersion]?.[0] ?? apiVersion;
}

async function writeThrough(pair: Pair): Promise<{ faults: string[]; isEditRefused: boolean }> {
  const { client, spec, other } = pair;
  const faults: string[] = [];
  const applied = await apply(pair, spec);
  if (!isDeepStrictEqual(applied.spec, spec)) faults.push(`the version itself keeps ${differing(applied.spec, spec)}`);
  for (const write of WRITES) {
    try {
      await send(pair, write);
    } catch (error) {
      faults.push(`${write.what} is refused: ${textOf(error)}`);
    }
    const stored = await read(pair, STORAGE_VERSION);
    if (!isDeepStrictEqual(stored.spec, spec)) faults.push(`${write.what} changes ${differing(stored.spec, spec)}`);
    const status = stored.status?.['written'];
    if (write.subresource && !isDeepStrictEqual(status, { at: ['any', 'depth'] })) faults.push('the status is cut');
  }
  const isEditRefused = await edit(pair, faults);
  // As Flux does, with what it applied before: fields that the edit added belong to somebody else and stay.
  await apply(pair, spec, 'labelled-since');
  await client.delete(pathAt(pair, other));
  return { faults, isEditRefused };
}

/** An edit of another field of the spec. Returns whether it was refused as invalid; then nothing may have changed. */
async function edit(pair: Pair, faults: string[]): Promise<boolean> {
  const { spec } = pair;
  const operatorSpec = { ...(spec['operatorSpec'] as JsonObject), configMapExpressions: EXPRESSIONS };
  const before = await read(pair, STORAGE_VERSION);
  const body: Json = { spec: { operatorSpec: { configMapExpressions: EXPRESSIONS } } };
  const write: Write = { what: 'kubectl edit', method: 'PATCH', content: 'merge-patch+json', body: () => body };
  let isRefused = false;
  try {
    await send(pair, write);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 422) throw error;
    isRefused = true;
  }
  const stored = await read(pair, STORAGE_VERSION);
  const wanted = isRefused ? before.spec : { ...spec, operatorSpec };
  if (!isDeepStrictEqual(stored.spec, wanted)) faults.push(`an edit changes ${differing(stored.spec, wanted)}`);
  return isRefused;
}

async function apply(pair: Pair, spec: JsonObject, label = 'first'): Promise<KubeObject> {
  const { kind, own } = pair;
  const path = pathAt(pair, own);
  const body: JsonObject = {
    apiVersion: `${kind.group}/${own}`,
    kind: kind.kind,
    metadata: { name: path.name, annotations: { label, 'serviceoperator.azure.com/reconcile-policy': 'skip' } },
    spec,
  };
  const query = 'fieldManager=flux&force=true&fieldValidation=Strict';
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  const answer = await pair.client.request('PATCH', `${objectPath(path)}?${query}`, body, headers);
  return answer.body as unknown as KubeObject;
}

async function send(pair: Pair, write: Write): Promise<void> {
  const { client, other } = pair;
  const path = { ...pathAt(pair, other), ...(write.subresource ? { subresource: write.subresource } : {}) };
  const url = `${objectPath(path)}?${write.query ?? 'fieldManager=kubectl-x'}`;
  const headers = { 'content-type': `application/${write.content}`, accept: write.accept ?? 'application/json' };
  for (let tries = 1; ; tries += 1) {
    try {
      await client.request(write.method, url, write.body(await read(pair, other), pair.owner), headers);
      return;
    } catch (error) {
      // The operator may write the status between read and replace.
      if (!(error instanceof KubeError) || error.status !== 409 || tries === 5) throw error;
    }
  }
}

async function read(pair: Pair, version: string): Promise<KubeObject> {
  const object = await pair.client.get(pathAt(pair, version));
  if (object === undefined) throw new Error('the object is gone');
  return object;
}

function pathAt({ kind, namespace, own, other }: Pair, version: string): ObjectPath {
  const name = `${own}-${other}`;
  return { group: kind.group, version, plural: kind.plural, namespace, name };
}

/** The paths at which two specs differ. */
function differing(is: unknown, wanted: unknown, path = 'spec'): string {
  if (isDeepStrictEqual(is, wanted)) return '';
  if (typeof is !== 'object' || typeof wanted !== 'object' || is === null || wanted === null) return path;
  const names = [...new Set([...Object.keys(is), ...Object.keys(wanted)])];
  const [one, two] = [is as Record<string, unknown>, wanted as Record<string, unknown>];
  return names
    .map((name) => differing(one[name], two[name], `${path}.${name}`))
    .filter((text) => text !== '')
    .join(', ');
}
