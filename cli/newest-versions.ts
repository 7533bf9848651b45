/** The part of a CRD that names versions. */
export interface Versioned {
  readonly spec: { readonly versions: readonly { readonly name: string; readonly storage: boolean }[] };
}

/** The CRD with only the names of its newest api-version, and the version that it is stored in: each name costs the API server (docs/crds.md). */
export function newestVersions<T extends Versioned>(crd: T): T {
  const { versions } = crd.spec;
  const newest = versions.map(({ name }) => apiVersionIn(name)).reduce((a, b) => (a > b ? a : b), '');
  const kept = versions.filter(({ name, storage }) => storage || apiVersionIn(name) === newest);
  return { ...crd, spec: { ...crd.spec, versions: kept } };
}

/** `v1api20230630` and `v20230630` -> `20230630`; empty where the name holds no date. */
function apiVersionIn(name: string): string {
  return /\d{8}.*$/.exec(name)?.[0] ?? '';
}
