import { secretsOf } from '../azure/clean-message.ts';
import type { Json } from '../kinds/contract.ts';
import { withValueAt } from '../kinds/json-path.ts';
import { isObject } from '../kinds/json.ts';
import type { StepDependencies } from './dependencies.ts';
import { readSecretValues, secretPlaces, type SecretPlace } from './resource/inputs.ts';
import type { Resource } from './resource/resource.ts';

/** What a failure must not show. `complete`: false if a Secret of the spec could not be read. */
export interface SecretsToHide {
  readonly values: readonly string[];
  readonly complete: boolean;
}

/**
 * The secret values that an answer of ARM may quote: what this attempt has sent or fetched, and what the spec takes
 * from Secrets and what was fetched into Secrets, read now: another attempt in another worker may have sent it. A value that was replaced or
 * deleted since it was sent is not known any more. Only for the path of a failure: it reads each Secret of the spec.
 */
export async function secretsToHide(
  deps: Pick<StepDependencies, 'kube' | 'step'>,
  read: () => Promise<Resource | undefined>,
): Promise<SecretsToHide> {
  const known = deps.step.secrets;
  try {
    const resource = await read();
    if (!resource) return { values: known, complete: false };
    const places = [...secretPlaces(resource), ...destinations(resource)];
    const values = await readSecretValues(deps, resource.ref.namespace, places);
    return { values: [...known, ...values, ...plainSecrets(resource)], complete: true };
  } catch {
    return { values: known, complete: false };
  }
}

/** Where the keys are that Azure's actions gave. Values of other sources, such as host names, are no secrets. */
function destinations({ shape, spec }: Resource): SecretPlace[] {
  const keys = shape.exports(spec).filter(({ target, source }) => target === 'Secret' && source.from === 'action');
  return keys.map(({ name, key }) => ({ name, key }));
}

/** What the spec itself holds under names that suggest secrets, without the names of Secrets. */
function plainSecrets({ shape, spec }: Resource): string[] {
  const { operatorSpec: _operatorSpec, owner: _owner, ...sent } = spec;
  const rest = shape.inputs(spec).reduce<Json>((left, { path }) => withValueAt(left, path, undefined), sent);
  return isObject(rest) ? secretsOf(rest) : [];
}
