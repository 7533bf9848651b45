import type { JsonObject } from '../../kinds/contract.ts';
import { nameIn } from '../resource/azure-id.ts';
import type { Target } from '../../contract/steps.ts';
import type { Dependencies } from '../dependencies.ts';
import { readInputs } from '../resource/inputs.ts';
import type { Resource } from '../resource/resource.ts';
import { StepError } from '../step-error.ts';

/**
 * Reads the inputs as they are now and builds the body of the PUT. It may hold secret values: it never leaves the activity.
 * @throws StepError for an input that has gone, or a spec that says nothing where it must.
 */
export async function buildPayload(deps: Dependencies, resource: Resource, target: Target): Promise<JsonObject> {
  const inputs = await readInputs(deps, resource);
  if (inputs.missing) throw new StepError(inputs.missing.reason, inputs.missing.message);
  try {
    return resource.shape.payload({ spec: resource.spec, name: nameIn(target.armId), inputs: inputs.values });
  } catch (error) {
    // It names a field of the spec that says nothing, such as a reference without a name; never a value.
    const why = error instanceof Error ? error.message : 'it has no payload';
    throw new StepError('InvalidSpec', `cannot read the spec: ${why}`);
  }
}
