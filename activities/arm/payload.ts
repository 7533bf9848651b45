import type { Applied } from '../../contract/stored-state.ts';
import type { Target } from '../../contract/steps.ts';
import type { JsonObject } from '../../kinds/contract.ts';
import type { StepDependencies } from '../dependencies.ts';
import { nameIn } from '../../kinds/arm-id.ts';
import { readInputs } from '../resource/inputs.ts';
import type { Resource } from '../resource/resource.ts';
import { StepError } from '../step-error.ts';

/** What is desired in Azure. It may hold secret values, so it never leaves the activity; its digest may. */
export interface DesiredState {
  readonly payload: JsonObject;
  /** The values in it that were read from Secrets: no message of Azure may quote them. */
  readonly secrets: readonly string[];
  /** The digest is over api-version and payload, secret values included. */
  readonly applied: Omit<Applied, 'settled'>;
}

/**
 * What the spec and its inputs, read now, want in Azure.
 * @throws StepError for an input that has gone, or a spec that says nothing where it must.
 */
export async function desiredStateOf(
  deps: StepDependencies,
  resource: Resource,
  target: Target,
): Promise<DesiredState> {
  const inputs = await readInputs(deps, resource);
  if (inputs.missing) throw new StepError(inputs.missing.reason, inputs.missing.message);
  const payload = payloadOf(resource, target, inputs.values);
  const { generation, apiVersion } = target;
  const digest = deps.seal.fingerprint([apiVersion, payload]);
  return { payload, secrets: inputs.secrets, applied: { generation, apiVersion, digest } };
}

function payloadOf(
  { shape, spec }: Resource,
  target: Target,
  inputs: Map<string, string | Record<string, string>>,
): JsonObject {
  try {
    return shape.payload({ spec, name: nameIn(target.armId), inputs });
  } catch (error) {
    // It names a field of the spec that says nothing, such as a reference without a name; never a value.
    const why = error instanceof Error ? error.message : 'it has no payload';
    throw new StepError('InvalidSpec', `cannot read the spec: ${why}`);
  }
}
