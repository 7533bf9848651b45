import type { JsonObject, KubeObject, ObjectMeta } from './contract.ts';

type ManagedFields = NonNullable<ObjectMeta['managedFields']>[number];

const OURS = 'azure-temporal-operator';
const LAST_APPLIED = 'f:kubectl.kubernetes.io/last-applied-configuration';

/**
 * The API version name that the user last applied (`v1api20210501`), which decides the ARM api-version. Storage forgets it; managedFields do not.
 * An apply or a create says which version the user writes; an edit or a patch only which one kubectl happened to read.
 * @param storageVersion the version name that no user writes.
 */
export function appliedVersion(object: KubeObject, storageVersion: string): string | undefined {
  const users = (object.metadata.managedFields ?? []).filter(
    (entry) => isUsers(entry) && versionOf(entry) !== storageVersion,
  );
  const stated = users.filter(isStated);
  const owning = users.filter((entry) => entry.fieldsV1?.['f:spec'] !== undefined);
  const candidates = stated.length > 0 ? stated : owning.length > 0 ? owning : users;
  const newest = candidates.toSorted((a, b) => (b.time ?? '').localeCompare(a.time ?? ''))[0];
  return newest && versionOf(newest);
}

function isUsers(entry: ManagedFields): boolean {
  return !entry.subresource && !entry.manager.startsWith(OURS);
}

/** Field managers that only touch metadata (a label, the garbage collector) state nothing about the spec. */
function isStated(entry: ManagedFields): boolean {
  const ownsSpec = entry.fieldsV1 === undefined || entry.fieldsV1['f:spec'] !== undefined;
  if (entry.operation === 'Apply') return ownsSpec;
  if (hasLastApplied(entry.fieldsV1)) return true;
  return ownsSpec && /^kubectl-create|^helm|^flux|^kustomize|^argocd|^terraform|^pulumi/i.test(entry.manager);
}

function hasLastApplied(fields: JsonObject | undefined): boolean {
  const metadata = fields?.['f:metadata'] as JsonObject | undefined;
  const annotations = metadata?.['f:annotations'] as JsonObject | undefined;
  return annotations?.[LAST_APPLIED] !== undefined;
}

function versionOf(entry: ManagedFields): string {
  return entry.apiVersion.split('/').at(-1) ?? entry.apiVersion;
}
