import { createHash } from 'node:crypto';
import { workflowId, type ResourceRef } from '../../contract/resource-ref.ts';
import type { ClaimedCredential } from '../../contract/stored-state.ts';
import { annotationOf } from '../../kube/annotations.ts';
import type { JsonObject, KubeObject, ObjectPath } from '../../kube/contract.ts';
import { KubeError } from '../../kube/errors.ts';
import type { Dependencies, StepDependencies } from '../dependencies.ts';
import { hasFinalizer, pathOf, type Resource } from '../resource/resource.ts';
import { isClaimedCredential, storedStateOf } from '../resource/stored-state.ts';
import { StepError } from '../step-error.ts';
import { acceptedId, isSameId } from './accepted.ts';

/**
 * The index by ARM id: one Lease for each managed id, in the operator's own namespace, where users cannot write.
 * Creating an object is atomic, so of two resources that claim one id at the same moment exactly one gets it
 * (docs/adr/0010-an-index-of-leases.md). A Lease is never renewed: it is valid as long as its holder is.
 */
export interface Holding {
  readonly ref: ResourceRef;
  readonly uid: string;
  readonly credential: ClaimedCredential | undefined;
  /** The uid of the Lease. */
  readonly lease: string;
}

const HOLDER_UID = 'azure-temporal-operator.io/holder-uid';
const ARM_ID = 'azure-temporal-operator.io/arm-id';
const CREDENTIAL = 'azure-temporal-operator.io/credential';
const TRIES = 5;

type Deps = Pick<StepDependencies, 'kube' | 'kinds' | 'seal' | 'settings'>;
type Subject = Pick<Resource, 'ref' | 'object'>;

/**
 * Takes an ARM id for a resource, unless another resource holds it.
 * @returns the uid of the Lease, or the other resource
 */
export async function takeId(
  deps: Deps,
  { ref, object }: Subject,
  { armId, credential }: { armId: string; credential: ClaimedCredential },
): Promise<{ readonly lease: string } | { readonly heldBy: ResourceRef }> {
  const { uid } = object.metadata;
  const { name, ...collection } = leasePath(deps, armId);
  const annotations = { [HOLDER_UID]: uid, [ARM_ID]: armId, [CREDENTIAL]: JSON.stringify(credential) };
  const body: JsonObject = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, annotations, labels: { 'app.kubernetes.io/managed-by': 'azure-temporal-operator' } },
    spec: { holderIdentity: workflowId(ref), acquireTime: new Date().toISOString().replace('Z', '000Z') },
  };
  for (let tries = 1; tries <= TRIES; tries += 1) {
    try {
      return { lease: (await deps.kube.create<KubeObject>(collection, body)).metadata.uid };
    } catch (error) {
      if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error;
    }
    const found = await holdingOf(deps, armId);
    if (found?.uid === uid) return { lease: found.lease };
    if (found && (await isValid(deps, found, armId))) return { heldBy: found.ref };
    // Delete and create instead of an update: a new uid, so that nobody releases it by the uid of the old one.
    if (found) await deleteLease(deps, armId, found.lease);
  }
  throw new StepError('Failed', `cannot take ${armId}: its Lease ${name} changes again and again`, { retry: 'Fast' });
}

/** The other resource that manages the ARM id now; undefined if none does. */
export async function otherHolder(deps: Deps, { object }: Subject, armId: string): Promise<ResourceRef | undefined> {
  const found = await holdingOf(deps, armId);
  if (!found || found.uid === object.metadata.uid || !(await isValid(deps, found, armId))) return undefined;
  return found.ref;
}

/** What the Lease of an ARM id says; undefined if there is none. */
export async function holdingOf(deps: Pick<Deps, 'kube' | 'settings'>, armId: string): Promise<Holding | undefined> {
  const found = await deps.kube.get<KubeObject>(leasePath(deps, armId));
  if (!found) return undefined;
  const { uid, annotations = {} } = found.metadata;
  const holder = found.spec?.['holderIdentity'];
  const ref = refOf(typeof holder === 'string' ? holder : '');
  return { ref, uid: annotations[HOLDER_UID] ?? '', credential: credentialIn(annotations[CREDENTIAL]), lease: uid };
}

/**
 * Lets go of an ARM id, best effort: call it when the resource does not manage the id any more. A Lease that stays is
 * not valid, because its holder is gone.
 * @param lease the uid of the Lease, if it is known
 */
export async function releaseId(
  deps: Pick<Deps, 'kube' | 'settings'>,
  uid: string,
  { armId, lease }: { armId: string; lease: string | undefined },
): Promise<void> {
  try {
    const found = lease === undefined ? await holdingOf(deps, armId) : { uid, lease };
    if (found?.uid === uid) await deleteLease(deps, armId, found.lease);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
  }
}

/**
 * Whether the holder still manages the id. A resource that has no finalizer yet may be about to claim: it counts, unless
 * it is being deleted.
 */
async function isValid(deps: Deps, { ref, uid }: Holding, armId: string): Promise<boolean> {
  const kind = deps.kinds.find(ref);
  // A kind of a newer release: this one cannot tell.
  if (!kind) return ref.kind !== '';
  const object = await deps.kube.get<KubeObject>(pathOf(kind, ref));
  if (!object || object.metadata.uid !== uid) return false;
  if (!hasFinalizer(object)) return object.metadata.deletionTimestamp === undefined;
  const annotation = annotationOf(object, 'resourceId');
  if (annotation === undefined || isSameId(annotation, armId)) return true;
  // The annotation was edited, or the holder has another id now because Azure refused this one.
  return acceptedId(deps, object, [armId]) !== undefined && storedStateOf(object)?.refused !== true;
}

async function deleteLease(deps: Pick<Deps, 'kube' | 'settings'>, armId: string, uid: string): Promise<void> {
  try {
    await deps.kube.delete(leasePath(deps, armId), { uid });
  } catch (error) {
    // Another Lease has its name by now.
    if (!(error instanceof KubeError && error.status === 409)) throw error;
  }
}

function leasePath({ settings }: Pick<Dependencies, 'settings'>, armId: string): ObjectPath & { namespace: string } {
  const hash = createHash('sha256').update(armId.toLowerCase()).digest('hex').slice(0, 40);
  const namespace = settings.operatorNamespace;
  return { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', namespace, name: `arm-id-${hash}` };
}

/** The opposite of `workflowId`; empty names for a text of another form. */
function refOf(text: string): ResourceRef {
  const [, kind = '', group = '', namespace = '', name = ''] = /^([^./]+)\.([^/]+)\/([^/]+)\/([^/]+)$/.exec(text) ?? [];
  return { kind, group, namespace, name };
}

function credentialIn(text: string | undefined): ClaimedCredential | undefined {
  try {
    const credential: unknown = text === undefined ? undefined : JSON.parse(text);
    return isClaimedCredential(credential) ? credential : undefined;
  } catch {
    return undefined;
  }
}
