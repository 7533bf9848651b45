/**
 * Api-versions that ASO served as `v1alpha1api…` and `v1beta…` before its 2.0 and that guides and manifests still name. Each name costs every API server
 * about a megabyte a kind (docs/crds.md), so a line here needs a manifest that people have.
 */
const BEFORE_TWO: Readonly<Record<string, readonly string[]>> = {
  'dbformysql.azure.com': ['2021-05-01'],
  'documentdb.azure.com': ['2021-05-15'],
  'resources.azure.com': ['2020-06-01'],
};

/** Every version name an api-version is served under: ASO's own, and those of its alpha and beta releases where it had them. */
export function versionNames(group: string, apiVersion: string, served: readonly string[]): string[] {
  if (BEFORE_TWO[group]?.includes(apiVersion) !== true) return [...served];
  const digits = apiVersion.replaceAll('-', '');
  return [...served, `v1beta${digits}`, `v1alpha1api${digits}`];
}
