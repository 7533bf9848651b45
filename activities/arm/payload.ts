import type { Applied } from '../../contract/stored-state.ts';
import type { Target } from '../../contract/steps.ts';
import type { JsonObject } from '../../kinds/contract.ts';
import type { StepDependencies } from '../dependencies.ts';
import { nameIn } from '../../kinds/arm-id.ts';
import { readInputs } from '../resource/inputs.ts';
import type { Resource } from '../resource/resource.ts';
import { StepError } from '../step-error.ts';

/** The desired state of a resource in Azure. It may contain secrets, so only its digest may leave the activity. */
export interface DesiredState {
  readonly payload: JsonObject;
  /** The values of the payload that were read from Secrets. They are removed from error messages of Azure. */
  readonly secrets: readonly string[];
  /** Its digest covers the api-version and the payload, including secret values. */
  readonly applied: Omit<Applied, 'settled'>;
}

/**
 * The desired state of a spec, with its inputs read now.
 * @throws StepError if an input does not exist, or a required field of the spec has no value.
 */
export async function desiredStateOf(
  deps: StepDependencies,
  resource: Resource,
  target: Target,
): Promise<DesiredState> {
  const inputs = await readInputs(deps, resource);
  if (inputs.missing) throw new StepError(inputs.missing.reason, inputs.missing.message);
  deps.step.hide(inputs.secrets);
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
    // The error names a field of the spec, such as a reference without a name; it never contains a value.
    const why = error instanceof Error ? error.message : 'its payload cannot be built';
    throw new StepError('InvalidSpec', `cannot build the request to Azure: ${why}`);
  }
}
