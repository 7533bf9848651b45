import type { ClaimedCredential } from '../../contract/stored-state.ts';
import { nameIn, subscriptionOf, typeOf } from '../../kinds/arm-id.ts';
import { ANNOTATIONS, annotationOf } from '../../kube/annotations.ts';
import { azureId, isSame } from '../resource/azure-id.ts';
import { claimedNameOf } from '../resource/azure-name.ts';
import type { AzureAccess, StepDependencies } from '../dependencies.ts';
import type { Owner } from '../resource/owner.ts';
import { hasFinalizer, type Resource } from '../resource/resource.ts';
import { storedStateOf } from '../resource/stored-state.ts';
import { acceptedId, isSameId } from './accepted.ts';
import { holdingOf } from './managed-ids.ts';

/** What a resource without an accepted id is identified by. */
export interface Evidence {
  readonly owner: Owner;
  /** The value of `azureNameFromConfig`; undefined without one. */
  readonly nameFromConfig: string | undefined;
  readonly access: Pick<AzureAccess, 'arm'>;
}

/** The ARM id of a resource, or why none counts: a message for the user. */
export type Identity =
  { readonly armId: string; readonly credential: ClaimedCredential | undefined } | { readonly mismatch: string };

/**
 * The stored ARM id if the operator has accepted it before; undefined if it must be identified. A resource that Azure
 * refused every time is identified again, so that a name that Azure refuses can be corrected.
 */
export function rememberedId(deps: Pick<StepDependencies, 'seal'>, { object }: Resource): string | undefined {
  if (storedStateOf(object)?.refused === true) return undefined;
  return acceptedId(deps, object, [annotationOf(object, 'resourceId')]);
}

/**
 * Identifies a resource whose annotation `resource-id` is not known to be accepted. Users can edit the annotation, so it
 * counts only if something else confirms it (README.md has the rules).
 */
export async function identify(deps: StepDependencies, resource: Resource, evidence: Evidence): Promise<Identity> {
  const { object } = resource;
  const stored = storedStateOf(object);
  const annotated = annotationOf(object, 'resourceId');
  const derived = derivedId(resource, evidence);
  const credential = stored?.claim?.credential;
  const mayBeCorrected = stored?.refused === true && object.metadata.deletionTimestamp === undefined;
  if (mayBeCorrected && derived !== undefined) return { armId: derived, credential };
  const accepted = acceptedId(deps, object, [annotated, derived, textOf(object.status?.['id'])]);
  if (accepted !== undefined) return { armId: accepted, credential };
  if (annotated === undefined) {
    return derived === undefined ? { mismatch: underivable(evidence.owner) } : { armId: derived, credential };
  }
  // Until the first status write after the claim, and after a loss of the key, only the Lease knows what was accepted.
  const holding = hasFinalizer(object) ? await holdingOf(deps, annotated) : undefined;
  if (holding?.uid === object.metadata.uid) return { armId: annotated, credential: credential ?? holding.credential };
  if (derived !== undefined && isSameId(derived, annotated)) return { armId: annotated, credential };
  if (derived !== undefined && !hasFinalizer(object)) return { armId: derived, credential };
  if (derived === undefined && isOfEarlierRelease(resource, annotated, evidence.access))
    return { armId: annotated, credential };
  return { mismatch: mismatchOf({ annotated, derived, owner: evidence.owner }) };
}

/** The id that name and owner give; undefined if the owner is gone or has no id. */
function derivedId(resource: Resource, { owner, nameFromConfig, access }: Evidence): string | undefined {
  if (owner.type === 'wait' || (owner.type === 'object' && owner.armId === undefined)) return undefined;
  const parentId = owner.type === 'none' ? undefined : owner.armId;
  const azureName = nameFromConfig ?? claimedNameOf({ ...resource, apiVersion: resource.shape.apiVersion });
  return azureId({ kind: resource.kind, azureName, parentId, subscriptionId: access.arm.subscriptionId });
}

/**
 * An earlier release, which stored no claim, has sent the resource to Azure under its id. Nobody but the operator writes
 * the stored state; this release writes `claim` together with each of these fields.
 */
function isOfEarlierRelease(
  { kind, object, azureName }: Resource,
  armId: string,
  { arm }: Evidence['access'],
): boolean {
  const stored = storedStateOf(object);
  if (stored === undefined || stored.claim !== undefined) return false;
  if (!stored.applied && !stored.operation && stored.sending === undefined) return false;
  const subscription = subscriptionOf(armId);
  const lastName = azureName.slice(azureName.lastIndexOf('/') + 1);
  return (
    isSame(typeOf(armId), kind.armType) &&
    isSame(nameIn(armId), lastName) &&
    (subscription === undefined || isSame(subscription, arm.subscriptionId))
  );
}

function mismatchOf(ids: { annotated: string; derived: string | undefined; owner: Owner }): string {
  const { name } = ANNOTATIONS.resourceId;
  const given =
    ids.derived === undefined ? underivable(ids.owner) : `the resource's name and owner give ${ids.derived}`;
  const wayOut = `Correct the annotation, azureName or owner. To leave both alone in Azure, set ${ANNOTATIONS.reconcilePolicy.name} to detach-on-delete and delete this resource`;
  return `the annotation ${name} is ${ids.annotated}, but the operator did not accept this id, and ${given}. Nothing is sent to Azure. ${wayOut}`;
}

function underivable(owner: Owner): string {
  const why = owner.type === 'wait' ? owner.message.replace(/^waiting for /, '') : 'the owner has no accepted ARM id';
  return `no ARM id can be built from name and owner (${why})`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
