import { ArmError } from '../azure/arm-error.ts';
import { classify } from '../azure/classify.ts';
import type { ArmClient, Operation } from '../azure/contract.ts';
import type { JsonObject } from '../kinds/contract.ts';
import { workflowId } from '../workflows/signals.ts';
import type { Target } from './contract.ts';
import type { AzureAccess, Dependencies } from './dependencies.ts';
import { annotationOf, readResource, type Resource } from './resource.ts';
import { StepError } from './step-error.ts';

/** Runs one conversation with ARM; what it refuses becomes a StepError by the table of reasons. */
export async function callArm<T>(
  target: Target,
  call: () => Promise<T>,
  options: { deleting?: boolean } = {},
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    throw stepErrorOf(error, { group: target.ref.group, kind: target.ref.kind, deleting: options.deleting ?? false });
  }
}

/** ARM's refusal by the table of reasons. The kind counts: a few read a code in their own way. */
export function stepErrorOf(error: ArmError, context: { group: string; kind: string; deleting: boolean }): StepError {
  const { reason, severity, retry } = classify(error, context);
  return new StepError(reason, error.message, {
    severity,
    retry,
    operationFailed: error.operationFailed,
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
  });
}

/** The resource as it is now, with the ARM client of its credential; undefined when it is gone or was created anew. */
export async function open(
  deps: Dependencies,
  target: Target,
): Promise<(Resource & { arm: ArmClient; access: AzureAccess }) | undefined> {
  const resource = await readResource(deps, target.ref, target.uid);
  if (!resource) return undefined;
  const credentialFrom = annotationOf(resource.object, 'credentialFrom');
  const access = await deps.access({ namespace: target.ref.namespace, credentialFrom });
  return { ...resource, arm: access.arm, access };
}

const TERMINAL = new Set(['succeeded', 'failed', 'canceled', 'cancelled', 'ready']);

/** Azure's word for what it is doing with a resource; undefined when it is at rest, or of a type that does not say (MySQL's `state` has other words). */
export function busyState(answer: JsonObject | undefined): string | undefined {
  const properties = answer?.properties;
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return undefined;
  const state = properties.provisioningState;
  if (typeof state !== 'string' || TERMINAL.has(state.toLowerCase())) return undefined;
  return state;
}

/** Signed operation URLs are secrets: sealed before they leave an activity. */
export function sealOperation(deps: Pick<Dependencies, 'seal'>, target: Target, operation: Operation): string {
  return deps.seal.close(operation, `${workflowId(target.ref)}#operation`);
}

export function openOperation(deps: Pick<Dependencies, 'seal'>, target: Target, sealed: string): Operation {
  return deps.seal.open(sealed, `${workflowId(target.ref)}#operation`) as Operation;
}
