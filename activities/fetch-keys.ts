import type { ArmClient } from '../azure/contract.ts';
import type { Export, ExportSource, JsonObject } from '../kinds/contract.ts';
import { workflowId } from '../workflows/signals.ts';
import { callArm, open } from './arm-call.ts';
import type { Activities, Target } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { extract } from './extract.ts';
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
  const resource = await open(deps, target);
  if (!resource)
    throw new StepError(
      'Superseded',
      `${target.ref.kind} ${target.ref.namespace}/${target.ref.name} was deleted or replaced`,
      { retry: 'Fatal' },
    );
  const wanted = resource.shape.exports(resource.spec);
  const sources = createSources(
    target,
    resource.arm,
    resource.kind.armType === 'Microsoft.DocumentDB/databaseAccounts' ? resource.cosmosKeys : undefined,
  );
  const values: ExportedValue[] = [];
  for (const { source, ...destination } of wanted) {
    const value = extract(source, await sources.read(source));
    if (value === undefined) {
      // A ConfigMap value that Azure does not have is left out, as ASO does; a missing secret is an error.
      if (destination.target === 'ConfigMap') continue;
      throw new StepError(
        'Failed',
        `cannot export operatorSpec.secrets.${destination.field}: Azure returned no such value`,
        { retry: 'Slow' },
      );
    }
    values.push({ ...destination, value });
  }
  return { sealed: deps.seal.close(values, exportContext(target)), fields: values.map(({ field }) => field) };
}

/** Reads each source once, however many values are taken from it. */
function createSources(
  target: Target,
  arm: ArmClient,
  cosmosKeys: (() => Promise<JsonObject>) | undefined,
): { read(source: ExportSource): Promise<JsonObject> } {
  const reads = new Map<string, Promise<JsonObject>>();
  const once = (id: string, read: () => Promise<JsonObject>): Promise<JsonObject> => {
    const running = reads.get(id) ?? callArm(target, read);
    reads.set(id, running);
    return running;
  };
  return {
    read(source) {
      if (source.from === 'answer') {
        return once(
          'answer',
          async () => (await arm.get({ id: target.armId, apiVersion: target.apiVersion }))?.body ?? {},
        );
      }
      if (cosmosKeys && source.action === 'listKeys') return once('listKeys', cosmosKeys);
      const id = source.child === undefined ? target.armId : `${target.armId}/${source.child}`;
      const apiVersion = source.apiVersion ?? target.apiVersion;
      return once(`${id}/${source.action}@${apiVersion}`, () => arm.action({ id, apiVersion }, source.action));
    },
  };
}
