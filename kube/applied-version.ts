import type { JsonObject, KubeObject, ObjectMeta } from './contract.ts';

type ManagedFields = NonNullable<ObjectMeta['managedFields']>[number];

const OPERATOR_MANAGER_PREFIX = 'azure-temporal-operator';
/** Managers of commands that change a part of what kubectl has read, at the version that the API server prefers. */
const CHANGES_A_PART = /^kubectl-(edit|patch|label|annotate)$/;
const LAST_APPLIED = 'f:kubectl.kubernetes.io/last-applied-configuration';

/**
 * The version name that the user last applied (`v1api20210501`); it determines the ARM api-version. The stored object
 * does not keep it, but managedFields does. An apply, a create or a replace of a manifest shows which version the user
 * writes. An edit or a patch only shows which version kubectl happened to read, so it never changes the version.
 * @param storageVersion the name of the storage version, which no user writes
 */
export function appliedVersion(object: KubeObject, storageVersion: string): string | undefined {
  const users = (object.metadata.managedFields ?? []).filter(
    (entry) => isWrittenByUser(entry) && versionOf(entry) !== storageVersion,
  );
  const stating = users.filter(statesVersion);
  const owning = users.filter((entry) => entry.fieldsV1?.['f:spec'] !== undefined);
  const whole = owning.filter(({ manager }) => !CHANGES_A_PART.test(manager));
  const candidates = [stating, whole, owning].find((entries) => entries.length > 0) ?? users;
  const newest = candidates.toSorted((a, b) => (b.time ?? '').localeCompare(a.time ?? ''))[0];
  return newest && versionOf(newest);
}

function isWrittenByUser(entry: ManagedFields): boolean {
  return !entry.subresource && !entry.manager.startsWith(OPERATOR_MANAGER_PREFIX);
}

/**
 * A field manager that only changes metadata (a label, the garbage collector) says nothing about the version of the
 * spec.
 */
function statesVersion(entry: ManagedFields): boolean {
  const ownsSpec = entry.fieldsV1 === undefined || entry.fieldsV1['f:spec'] !== undefined;
  if (entry.operation === 'Apply') return ownsSpec;
  if (hasLastApplied(entry.fieldsV1)) return true;
  return (
    ownsSpec &&
    /^kubectl-create|^kubectl-replace|^helm|^flux|^kustomize|^argocd|^terraform|^pulumi/i.test(entry.manager)
  );
}

function hasLastApplied(fields: JsonObject | undefined): boolean {
  const metadata = fields?.['f:metadata'] as JsonObject | undefined;
  const annotations = metadata?.['f:annotations'] as JsonObject | undefined;
  return annotations?.[LAST_APPLIED] !== undefined;
}

function versionOf(entry: ManagedFields): string {
  return entry.apiVersion.split('/').at(-1) ?? entry.apiVersion;
}
