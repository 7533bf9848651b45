import type { Json, JsonObject } from '../../kinds/contract.ts';
import { STORAGE_VERSION } from '../../kinds/contract.ts';
import { appliedVersion } from '../../kube/applied-version.ts';
import type { Resource } from '../resource/resource.ts';

/**
 * The variable `self` of expressions: the resource as ASO has it, which is more than what is stored.
 * - `apiVersion` is the version that the user last applied, not the storage version that the operator reads.
 * - `spec.azureName` is there although the user left it out: ASO's defaulting webhook writes it into the spec. A kind
 *   whose name in Azure is fixed has no such field.
 * - `status` is made from Azure's current `answer` to GET, because the stored status is that of the last reconcile.
 */
export function selfOf(resource: Resource, answer: JsonObject): JsonObject {
  const { object, shape, spec, kind, azureName } = resource;
  const { managedFields: _, ...shown } = object.metadata;
  const conditions = (object.status?.conditions ?? []) as unknown as Json[];
  return {
    apiVersion: versionOf(resource),
    kind: object.kind,
    metadata: shown as unknown as JsonObject,
    spec: 'fixed' in kind.azureName ? spec : { ...spec, azureName },
    status: { ...shape.status(answer), conditions },
  };
}

/** Where the version of the user is not known, a version of the api-version that Azure is called with. */
function versionOf({ object, kind, shape }: Resource): string {
  const names = kind.served[shape.apiVersion] ?? [];
  const applied = appliedVersion(object, STORAGE_VERSION);
  const isServed = applied !== undefined && (names.length === 0 || names.includes(applied));
  const version = isServed ? applied : names[0];
  return version === undefined ? object.apiVersion : `${kind.group}/${version}`;
}
