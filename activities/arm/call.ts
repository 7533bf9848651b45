import { ArmError } from '../../azure/arm-error.ts';
import type { ArmAnswer, ArmClient } from '../../azure/contract.ts';
import type { Target } from '../../contract/steps.ts';
import type { JsonObject, Kind } from '../../kinds/contract.ts';
import { nameIn } from '../../kinds/arm-id.ts';
import type { AzureAccess, StepDependencies } from '../dependencies.ts';
import { checkCredential } from '../identity/credential-check.ts';
import { annotationOf } from '../../kube/annotations.ts';
import { checkTarget } from './check-target.ts';
import { readResource, type Resource } from '../resource/resource.ts';
import type { StepContext } from '../step-context.ts';

/** A resource with the ARM client of its credential. */
export type ManagedResource = Resource & { readonly arm: ArmClient; readonly access: AzureAccess };

/**
 * Reads the resource and creates the ARM client of its credential; undefined if it was deleted or replaced.
 * @throws StepError `Superseded` if the resource was not claimed with the ARM id of the step; or the refusal to manage it with
 * this credential
 */
export async function readManaged(deps: StepDependencies, target: Target): Promise<ManagedResource | undefined> {
  const resource = await readResource(deps, target.ref, target.uid);
  if (!resource) return undefined;
  checkTarget(deps, resource, target);
  const credentialFrom = annotationOf(resource.object, 'credentialFrom');
  const access = await deps.access({ namespace: target.ref.namespace, credentialFrom });
  checkCredential({ object: resource.object, armId: target.armId, access, remembered: target.claim?.credential });
  return { ...resource, arm: interruptibleArm(access.arm, deps.step), access };
}

/** A client whose calls end when the step is cancelled, except while the step must not be interrupted. */
function interruptibleArm(arm: ArmClient, step: Pick<StepContext, 'signal'>): ArmClient {
  return {
    ...arm,
    get: (at, options) => arm.get(at, { signal: step.signal, ...options }),
    head: (at, options) => arm.head(at, { signal: step.signal, ...options }),
    put: (at, body, options) => arm.put(at, body, { signal: step.signal, ...options }),
    delete: (at, options) => arm.delete(at, { signal: step.signal, ...options }),
    poll: (operation, at, options) => arm.poll(operation, at, { signal: step.signal, ...options }),
    action: (at, action, options) => arm.action(at, action, { signal: step.signal, ...options }),
  };
}

/**
 * Reads the resource in Azure, with its etag if the type has one; undefined if it does not exist. For the few types
 * without GET, HEAD says only that the resource exists.
 */
export async function getFromAzure(
  { kind, arm }: { kind: Kind; arm: ArmClient },
  target: Target,
): Promise<(Pick<ArmAnswer, 'etag'> & { body: JsonObject }) | undefined> {
  const at = { id: target.armId, apiVersion: target.apiVersion };
  if (kind.existsBy === 'GET') {
    const answer = await arm.get(at);
    return answer && { body: answer.body ?? {}, etag: answer.etag };
  }
  return (await arm.head(at))
    ? { body: { id: target.armId, name: nameIn(target.armId), type: kind.armType }, etag: undefined }
    : undefined;
}

/** Whether ARM does not know the type or the api-version: then no resource of it can exist. */
export function isUnknownType(error: unknown): error is ArmError {
  return error instanceof ArmError && UNKNOWN_TYPE.has(error.code);
}

const UNKNOWN_TYPE: ReadonlySet<string> = new Set([
  'NoRegisteredProviderFound',
  'InvalidResourceType',
  'InvalidApiVersionParameter',
  'InvalidResourceNamespace',
  'ResourceTypeNotFound',
]);
