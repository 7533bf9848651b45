import { isDeepStrictEqual } from 'node:util';
import { mergeCondition } from '../kube/conditions.ts';
import type { Condition, JsonObject, KubeClient, KubeObject } from '../kube/contract.ts';
import { FIELD_MANAGERS } from '../kube/names.ts';
import type { Dependencies } from './dependencies.ts';
import { pathOf, type Resource } from './resource.ts';

export type NewCondition = Omit<Condition, 'type' | 'lastTransitionTime'>;

/**
 * Writes the Ready condition, and with `answer` the whole status. Nothing is sent when nothing differs.
 *
 * A status write ignores a wrong uid, so the patch tests it: a resource that was created again under the same name is never given its predecessor's
 * status (422 then, and the caller's next read finds out).
 */
export async function writeStatus(
  deps: Pick<Dependencies, 'kube'>,
  resource: Resource,
  next: NewCondition,
  options: { answer?: JsonObject; reasonAware?: boolean } = {},
): Promise<void> {
  const status = resource.object.status;
  const condition = mergeCondition(
    status?.conditions?.find(({ type }) => type === 'Ready'),
    { type: 'Ready', ...next, lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z') },
    { reasonAware: options.reasonAware ?? false },
  );
  const conditions = [condition] as unknown as JsonObject[];
  const body: JsonObject = { ...(options.answer ?? withoutConditions(status)), conditions };
  if (isDeepStrictEqual(body, status)) return;
  await patchStatus(deps.kube, resource, body);
}

async function patchStatus(kube: KubeClient, { kind, ref, object }: Resource, status: JsonObject): Promise<void> {
  await kube.jsonPatch<KubeObject>(
    { ...pathOf(kind, ref), subresource: 'status' },
    [
      { op: 'test', path: '/metadata/uid', value: object.metadata.uid },
      { op: 'add', path: '/status', value: status },
    ],
    { fieldManager: FIELD_MANAGERS.status },
  );
}

function withoutConditions(status: KubeObject['status']): JsonObject {
  const { conditions: _, ...rest } = status ?? {};
  return rest;
}
