import type { Export } from '../kinds/contract.ts';
import { readManaged } from './arm/call.ts';
import type { Activities, Target } from '../contract/steps.ts';
import type { StepDependencies } from './dependencies.ts';
import { createSources, type Sources } from './exports/sources.ts';
import { exportContext, type ExportedValue } from './exports/exported-value.ts';
import { evaluateExpressions } from './exports/expressions.ts';
import { requirePresent } from './resource/resource.ts';
import type { StepContext } from './step-context.ts';
import { StepError } from './step-error.ts';

/**
 * Step 4. Fetches only the values that the spec asks to export: an action that no destination needs is not called, and
 * one that several destinations need is called once.
 */
export async function fetchKeys(
  deps: StepDependencies,
  { target }: Parameters<Activities['fetchKeys']>[0],
): Promise<{ sealed: string }> {
  return { sealed: deps.seal.encrypt(await fetchValues(deps, target), exportContext(target)) };
}

/** The values that the spec exports, in clear: they must not leave the calling activity. */
export async function fetchValues(deps: StepDependencies, target: Target): Promise<ExportedValue[]> {
  const resource = requirePresent(await readManaged(deps, target), target.ref);
  const sources = createSources(target, resource.kind, resource.access);
  const plain = await namedValues(resource.shape.exports(resource.spec), sources, deps.step);

  return [...plain, ...(await evaluateExpressions(deps, resource, sources))];
}

async function namedValues(
  wanted: readonly Export[],
  sources: Sources,
  step: Pick<StepContext, 'hide'>,
): Promise<ExportedValue[]> {
  const values: ExportedValue[] = [];
  for (const { source, optional, ...destination } of wanted) {
    const value = await sources.value(source);
    if (value !== undefined && destination.target === 'Secret') step.hide([value]);
    if (value !== undefined) values.push({ ...destination, value });
    else if (!optional) {
      const list = destination.target === 'Secret' ? 'secrets' : 'configMaps';
      const message = `cannot export operatorSpec.${list}.${destination.field}: Azure did not return this value`;
      throw new StepError('ValueNotFound', message);
    }
  }
  return values;
}
