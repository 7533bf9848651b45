import type { JsonObject, KubeClient, KubeObject, ObjectPath, OwnerReference } from './contract.ts';
import { KubeError } from './errors.ts';
import { FIELD_MANAGERS } from './names.ts';

export interface OwnedObject {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly namespace: string;
  readonly name: string;
  /** Base64 for a Secret, plain for a ConfigMap. All keys: one that is not here is removed. */
  readonly data: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly owner: OwnerReference;
  /** The owner has written it before: then it is probably there. */
  readonly known: boolean;
}

/**
 * Writes a Secret or ConfigMap that belongs to `owner`. An object of that name that someone else made is left alone: `foreign`; one that belongs to a
 * predecessor of the owner's name is about to be collected: `orphan`. In our own object our keys are ours: one that somebody edited is `taken back`, keys
 * of others stay.
 * @throws KubeError 409 when the object changed or appeared between the look and the write
 */
export async function writeOwnedObject(
  client: KubeClient,
  object: OwnedObject,
): Promise<'written' | 'taken back' | 'foreign' | 'orphan'> {
  const path: ObjectPath = {
    version: 'v1',
    plural: object.kind === 'Secret' ? 'secrets' : 'configmaps',
    namespace: object.namespace,
    name: object.name,
  };
  const existing = object.known ? await client.get<KubeObject>(path) : undefined;
  const current = existing ?? (await reserve(client, path, object));
  if (!current) return 'foreign';
  if (!isOwnedBy(current, object.owner)) return isOfPredecessor(current, object.owner) ? 'orphan' : 'foreign';
  const body = bodyOf(object, current.metadata.resourceVersion);
  try {
    await client.apply(path, body, { fieldManager: FIELD_MANAGERS.secrets, force: false });
    return 'written';
  } catch (error) {
    // A moved resourceVersion is a conflict too, without the names of fields.
    const isField =
      error instanceof KubeError && error.status === 409 && error.causes.some(({ field }) => field !== '');
    if (!isField) throw error;
  }
  await client.apply(path, body, { fieldManager: FIELD_MANAGERS.secrets, force: true });
  return 'taken back';
}

/**
 * An apply would take over an object that appears meanwhile, a POST fails. The object is made empty, so that all of its keys get one owner, the apply:
 * a key that a POST had written would stay for ever.
 * @returns the object that is there, whosever it is; undefined when it was there and is gone again
 */
async function reserve(client: KubeClient, path: ObjectPath, object: OwnedObject): Promise<KubeObject | undefined> {
  const { name, ...collection } = path;
  try {
    return await client.create<KubeObject>(collection, {
      apiVersion: 'v1',
      kind: object.kind,
      metadata: { name, ownerReferences: [{ ...object.owner }] },
    });
  } catch (error) {
    if (!(error instanceof KubeError) || error.reason !== 'AlreadyExists') throw error;
    return await client.get<KubeObject>(path);
  }
}

function bodyOf(object: OwnedObject, resourceVersion: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: object.kind,
    metadata: {
      name: object.name,
      namespace: object.namespace,
      resourceVersion,
      labels: { ...object.labels, 'app.kubernetes.io/managed-by': 'azure-temporal-operator' },
      ...(object.annotations ? { annotations: { ...object.annotations } } : {}),
      ownerReferences: [{ ...object.owner }],
    },
    data: { ...object.data },
  };
}

/** The same kind and name under another uid: an owner reference names no object that lives. */
function isOfPredecessor(existing: KubeObject, { kind, name, apiVersion }: OwnerReference): boolean {
  const [group] = apiVersion.split('/');
  return (
    existing.metadata.ownerReferences?.some(
      (owner) => owner.kind === kind && owner.name === name && owner.apiVersion.split('/')[0] === group,
    ) ?? false
  );
}

function isOwnedBy(existing: KubeObject, owner: OwnerReference): boolean {
  return existing.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid) ?? false;
}
