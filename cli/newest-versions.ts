import { byKubernetesOrder } from '../kinds/facts/version-order.ts';

/** The part of a CRD that names versions. */
export interface Versioned {
  readonly spec: { readonly versions: readonly { readonly name: string; readonly storage: boolean }[] };
}

/**
 * Returns the CRD with only the version names of its newest api-version and the storage version: each version name
 * costs the API server memory (docs/crds.md). If kubectl would then use the storage version, as it does beside a
 * preview, the name that it uses otherwise is kept too.
 */
export function newestVersions<T extends Versioned>(crd: T): T {
  const { versions } = crd.spec;
  const newest = versions.map(({ name }) => apiVersionIn(name)).reduce((a, b) => (a > b ? a : b), '');
  const kept = versions.filter(({ name, storage }) => storage || apiVersionIn(name) === newest);
  const preferred = preferredOf(kept)?.storage === true ? preferredOf(versions) : undefined;
  const all = versions.filter((version) => kept.includes(version) || version === preferred);
  return { ...crd, spec: { ...crd.spec, versions: all } };
}

function preferredOf<T extends { readonly name: string }>(versions: readonly T[]): T | undefined {
  return versions.toSorted((a, b) => byKubernetesOrder(a.name, b.name))[0];
}

/** `v1api20230630` and `v20230630` -> `20230630`; empty when the name contains no date. */
function apiVersionIn(name: string): string {
  return /\d{8}.*$/.exec(name)?.[0] ?? '';
}
