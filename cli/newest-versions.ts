/** The part of a CRD that names versions. */
export interface Versioned {
  readonly spec: { readonly versions: readonly { readonly name: string; readonly storage: boolean }[] };
}

/**
 * Returns the CRD with only the version names of its newest api-version and the storage version: each version name
 * costs the API server memory (docs/crds.md).
 */
export function newestVersions<T extends Versioned>(crd: T): T {
  const { versions } = crd.spec;
  const newest = versions.map(({ name }) => apiVersionIn(name)).reduce((a, b) => (a > b ? a : b), '');
  const kept = versions.filter(({ name, storage }) => storage || apiVersionIn(name) === newest);
  return { ...crd, spec: { ...crd.spec, versions: kept } };
}

/** `v1api20230630` and `v20230630` -> `20230630`; empty when the name contains no date. */
function apiVersionIn(name: string): string {
  return /\d{8}.*$/.exec(name)?.[0] ?? '';
}
