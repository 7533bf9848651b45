import type { JsonObject, Shape, QuirkDecision } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';

const kinds = loadKinds();
/** The resource group that `quirkDecision` puts a resource in. */
export const GROUP_ID = '/subscriptions/s/resourceGroups/rg';

/** The shape of a kind's newest api-version. */
export function newestShape(group: string, kind: string): Shape {
  const found = kinds.find({ group, kind })!;
  return kinds.shape(found, found.apiVersions.at(-1)!);
}

/** The decision on a payload; `answers` are those to the lookups of the kind. */
export function quirkDecision(
  shape: Shape,
  input: { payload: JsonObject; existing?: JsonObject; armId?: string; answers?: (JsonObject | undefined)[] },
): QuirkDecision {
  const { payload, existing, armId = `${GROUP_ID}/providers/${shape.kind.armType}/mine`, answers = [] } = input;
  return shape.quirk.beforePut!({ payload, existing, armId, apiVersion: shape.apiVersion, answers });
}
