import type { Export } from '../kinds/contract.ts';
import { readManaged } from './arm/call.ts';
import type { Activities } from '../contract/steps.ts';
import type { StepDependencies } from './dependencies.ts';
import { createSources, type Sources } from './exports/sources.ts';
import { exportContext, type ExportedValue } from './exports/exported-value.ts';
import { evaluateExpressions } from './exports/expressions.ts';
import { requirePresent } from './resource/resource.ts';
import { StepError } from './step-error.ts';

/**
 * Step 4. Fetches only the values that the spec asks to export: an action that no destination needs is not called, and
 * one that several destinations need is called once.
 */
export async function fetchKeys(
  deps: StepDependencies,
  { target }: Parameters<Activities['fetchKeys']>[0],
): Promise<{ sealed: string }> {
  const resource = requirePresent(await readManaged(deps, target), target.ref);
  const sources = createSources(target, resource.kind, resource.access);
  const plain = await namedValues(resource.shape.exports(resource.spec), sources);
  const values = [...plain, ...(await evaluateExpressions(deps, resource, sources))];
  return { sealed: deps.seal.encrypt(values, exportContext(target)) };
}

async function namedValues(wanted: readonly Export[], sources: Sources): Promise<ExportedValue[]> {
  const values: ExportedValue[] = [];
  for (const { source, optional, ...destination } of wanted) {
    const value = await sources.value(source);
    if (value !== undefined) values.push({ ...destination, value });
    else if (!optional) {
      const list = destination.target === 'Secret' ? 'secrets' : 'configMaps';
      const message = `cannot export operatorSpec.${list}.${destination.field}: Azure did not return this value`;
      throw new StepError('ValueNotFound', message);
    }
  }
  return values;
}
