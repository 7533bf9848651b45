import { ArmError } from '../../azure/arm-error.ts';
import type { ArmAnswer, ArmClient } from '../../azure/contract.ts';
import type { Target } from '../../contract/steps.ts';
import type { JsonObject, Kind } from '../../kinds/contract.ts';
import { nameIn } from '../../kinds/arm-id.ts';
import type { AzureAccess, StepDependencies } from '../dependencies.ts';
import { annotationOf } from '../../kube/annotations.ts';
import { readResource, type Resource } from '../resource/resource.ts';
import type { StepContext } from '../step-context.ts';

/** A resource with the ARM client of its credential. */
export type ManagedResource = Resource & { readonly arm: ArmClient; readonly access: AzureAccess };

/** The resource as it is now, with the ARM client of its credential; undefined when it is gone or was created anew. */
export async function readManaged(deps: StepDependencies, target: Target): Promise<ManagedResource | undefined> {
  const resource = await readResource(deps, target.ref, target.uid);
  if (!resource) return undefined;
  const credentialFrom = annotationOf(resource.object, 'credentialFrom');
  const access = await deps.access({ namespace: target.ref.namespace, credentialFrom });
  return { ...resource, arm: interruptibleArm(access.arm, deps.step), access };
}

/** The client, with every call ended by the step's cancellation, except while the step may not be interrupted. */
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
 * What Azure has, with its etag where the type has one; undefined when there is none. The few types without GET show
 * only that they are there.
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

/** Whether ARM says that the type or the api-version does not exist: then nothing can exist under it either. */
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
