import { ArmError } from '../azure/arm-error.ts';
import { classify } from '../azure/classify.ts';
import type { ArmClient, Operation } from '../azure/contract.ts';
import type { JsonObject, Kind } from '../kinds/contract.ts';
import { quirkOf } from '../kinds/quirks/registry.ts';
import { workflowId } from '../contract/signals.ts';
import { nameIn } from './azure-name.ts';
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
  const own = quirkOf(context).retryOf?.({ status: error.status, code: error.code, message: error.message });
  const { reason, severity, retry } = classify(error, { retry: own, deleting: context.deleting });
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

/** What Azure has, or undefined. The few types without GET show only that they are there. */
export async function lookUp(
  { kind, arm }: { kind: Kind; arm: ArmClient },
  target: Target,
  options: { deleting?: boolean } = {},
): Promise<JsonObject | undefined> {
  const at = { id: target.armId, apiVersion: target.apiVersion };
  if (kind.existsBy === 'GET') return (await callArm(target, () => arm.get(at), options))?.body;
  const exists = await callArm(target, () => arm.head(at), options);
  return exists ? { id: target.armId, name: nameIn(target.armId), type: kind.armType } : undefined;
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
