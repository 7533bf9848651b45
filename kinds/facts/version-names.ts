import { STORAGE_VERSION } from '../contract.ts';
import { byKubernetesOrder } from './version-order.ts';

/**
 * Api-versions that ASO before 2.0 served as `v1alpha1api…` and `v1beta…` and that guides and manifests still use. Each
 * name costs every API server about one megabyte per kind (docs/crds.md), so add a line only for manifests that exist.
 */
const SERVED_BEFORE_ASO_2: Readonly<Record<string, readonly string[]>> = {
  'dbformysql.azure.com': ['2021-05-01'],
  'documentdb.azure.com': ['2021-05-15'],
  'resources.azure.com': ['2020-06-01'],
};

/** ARM api-version -> version names. */
type Names = Readonly<Record<string, readonly string[]>>;

/**
 * All version names of a kind: those of current ASO, for some api-versions those of its alpha and beta releases, and
 * where none of these would do, one that makes the API server prefer the newest stable api-version.
 */
export function versionNames(row: { group: string; apiVersions: readonly string[]; served: Names }): Names {
  const { group, apiVersions, served } = row;
  const names = Object.fromEntries(
    apiVersions.map((version) => [version, [...(served[version] ?? []), ...oldNames(group, version)]]),
  );
  const newest = newestApiVersion(apiVersions);
  const preferred = [...Object.values(names).flat(), STORAGE_VERSION].sort(byKubernetesOrder)[0] ?? '';
  if (served[newest]?.includes(preferred) === true) return names;
  return { ...names, [newest]: [...(names[newest] ?? []), preferableName(newest)] };
}

/** The newest stable api-version; the newest preview of a kind that has nothing else. */
export function newestApiVersion(apiVersions: readonly string[]): string {
  const stable = apiVersions.filter((version) => /^[\d-]+$/.test(version));
  return (stable.length > 0 ? stable : apiVersions).toSorted().at(-1) ?? '';
}

function oldNames(group: string, apiVersion: string): string[] {
  if (SERVED_BEFORE_ASO_2[group]?.includes(apiVersion) !== true) return [];
  const digits = apiVersion.replaceAll('-', '');
  return [`v1beta${digits}`, `v1alpha1api${digits}`];
}

/**
 * `v<date>` comes before every other form. A preview cannot have such a name, but `v1api…` comes before `v1storage`,
 * which `v20…preview` does not.
 */
function preferableName(apiVersion: string): string {
  const digits = apiVersion.replaceAll('-', '');
  return /^\d+$/.test(digits) ? `v${digits}` : `v1api${digits}`;
}
