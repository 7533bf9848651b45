/**
 * Api-versions that ASO before 2.0 served as `v1alpha1api…` and `v1beta…` and that guides and manifests still use. Each
 * name costs every API server about one megabyte per kind (docs/crds.md), so add a line only for manifests that exist.
 */
const SERVED_BEFORE_ASO_2: Readonly<Record<string, readonly string[]>> = {
  'dbformysql.azure.com': ['2021-05-01'],
  'documentdb.azure.com': ['2021-05-15'],
  'resources.azure.com': ['2020-06-01'],
};

/**
 * All version names under which an api-version is served: those of current ASO, and for some those of its alpha and
 * beta releases.
 */
export function versionNames(group: string, apiVersion: string, served: readonly string[]): string[] {
  if (SERVED_BEFORE_ASO_2[group]?.includes(apiVersion) !== true) return [...served];
  const digits = apiVersion.replaceAll('-', '');
  return [...served, `v1beta${digits}`, `v1alpha1api${digits}`];
}
