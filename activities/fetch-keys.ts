import type { Export } from '../kinds/contract.ts';
import { workflowId } from '../contract/signals.ts';
import { open } from './arm-call.ts';
import type { Activities, Target } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { createSources, type Sources } from './export-sources.ts';
import { evaluateExpressions } from './expressions.ts';
import { present } from './resource.ts';
import { StepError } from './step-error.ts';

/** A value on its way to `writeSecrets`; sealed, never in clear between the two. */
export interface ExportedValue extends Omit<Export, 'source'> {
  readonly value: string;
}

export function exportContext(target: Target): string {
  return `${workflowId(target.ref)}#exports`;
}

/** Step 4. Fetches what the spec asks to export, and nothing else: an action that no destination needs is not called, one that several need is called once. */
export async function fetchKeys(
  deps: Dependencies,
  { target }: Parameters<Activities['fetchKeys']>[0],
): Promise<{ sealed: string; fields: string[] }> {
  const resource = present(await open(deps, target), target.ref);
  const sources = createSources(target, resource.kind, resource.access);
  const plain = await namedValues(resource.shape.exports(resource.spec), sources);
  const values = [...plain, ...(await evaluateExpressions(resource, sources))];
  return { sealed: deps.seal.close(values, exportContext(target)), fields: values.map(({ field }) => field) };
}

async function namedValues(wanted: readonly Export[], sources: Sources): Promise<ExportedValue[]> {
  const values: ExportedValue[] = [];
  for (const { source, ...destination } of wanted) {
    const value = await sources.value(source);
    if (value !== undefined) values.push({ ...destination, value });
    else if (destination.target === 'Secret') {
      // A ConfigMap value that Azure does not have is left out, as ASO does; a missing secret is an error.
      throw new StepError(
        'Failed',
        `cannot export operatorSpec.secrets.${destination.field}: Azure returned no such value`,
        { retry: 'Slow' },
      );
    }
  }
  return values;
}
