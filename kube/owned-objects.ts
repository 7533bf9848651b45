import type { JsonObject, KubeClient, KubeObject, ObjectPath, OwnerReference } from './contract.ts';
import { KubeError } from './errors.ts';
import { FIELD_MANAGERS } from './names.ts';

export interface OwnedObject {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly namespace: string;
  readonly name: string;
  /**
   * Base64 for a Secret, plain text for a ConfigMap. The full set of keys: keys that an earlier write set and that are
   * not here are removed.
   */
  readonly data: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly owner: OwnerReference;
  /** The owner wrote this object before, so it probably exists: read it before trying to create it. */
  readonly writtenBefore: boolean;
}

/**
 * Writes a Secret or ConfigMap that `owner` owns.
 * - `foreign`: an object of that name exists that somebody else created; it is left alone.
 * - `orphan`: the object belongs to an earlier resource of the owner's name; the garbage collector is about to delete
 * it.
 * - `unchanged`: it is as it should be already.
 * - `taken back`: somebody had edited a key that this operator writes; the edit was overwritten. Other keys are kept.
 * @throws KubeError 409 when the object changed or appeared between the read and the write
 */
export async function writeOwnedObject(
  client: KubeClient,
  object: OwnedObject,
): Promise<'written' | 'unchanged' | 'taken back' | 'foreign' | 'orphan'> {
  const path: ObjectPath = {
    version: 'v1',
    plural: object.kind === 'Secret' ? 'secrets' : 'configmaps',
    namespace: object.namespace,
    name: object.name,
  };
  const existing = object.writtenBefore ? await client.get<KubeObject>(path) : undefined;
  const current = existing ?? (await createOrRead(client, path, object));
  if (!isOwnedBy(current, object.owner)) return isOwnedByPredecessor(current, object.owner) ? 'orphan' : 'foreign';
  const body = bodyOf(object, current.metadata.resourceVersion);
  try {
    const { metadata } = await client.apply(path, body, { fieldManager: FIELD_MANAGERS.secrets, force: false });
    return metadata.resourceVersion === current.metadata.resourceVersion ? 'unchanged' : 'written';
  } catch (error) {
    // A changed resourceVersion is a 409 too, but without field names.
    const isField =
      error instanceof KubeError && error.status === 409 && error.causes.some(({ field }) => field !== '');
    if (!isField) throw error;
  }
  await client.apply(path, body, { fieldManager: FIELD_MANAGERS.secrets, force: true });
  return 'taken back';
}

/**
 * Creates the object, or reads it when it exists. A POST fails if somebody else has created the object meanwhile,
 * whereas an apply would take it over. The object is created empty, so that the apply owns all its keys: keys set by
 * the POST would have another owner and could never be removed by an apply.
 * @returns the object, whoever owns it
 * @throws KubeError 409 also when it existed and was deleted before it could be read: the step starts over
 */
async function createOrRead(client: KubeClient, path: ObjectPath, object: OwnedObject): Promise<KubeObject> {
  const { name, ...collection } = path;
  try {
    return await client.create<KubeObject>(collection, {
      apiVersion: 'v1',
      kind: object.kind,
      metadata: { name, ownerReferences: [{ ...object.owner }] },
    });
  } catch (error) {
    if (!(error instanceof KubeError) || error.reason !== 'AlreadyExists') throw error;
    const existing = await client.get<KubeObject>(path);
    if (!existing) throw error;
    return existing;
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

/** Whether an owner reference has the owner's kind and name but another uid: that owner no longer exists. */
function isOwnedByPredecessor(existing: KubeObject, { kind, name, apiVersion }: OwnerReference): boolean {
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
