import type { Target } from '../../contract/steps.ts';
import { buildPayload } from './payload.ts';
import type { Wanted } from './compare.ts';
import type { StepDependencies } from '../dependencies.ts';
import type { Resource } from '../resource/resource.ts';

/** The payload that the spec and its inputs give now, and its digest. The payload may hold secrets and never leaves the activity. */
export async function wantedOf(deps: StepDependencies, resource: Resource, target: Target): Promise<Wanted> {
  const payload = await buildPayload(deps, resource, target);
  const { generation, apiVersion } = target;
  return { payload, applied: { generation, apiVersion, digest: deps.seal.fingerprint([apiVersion, payload]) } };
}
