/**
 * Sorts version names as the API server does, the preferred one first: `v2`, `v1`, `v1beta2`, `v1alpha1`, then all
 * names of another form in alphabetical order. kubectl and the garbage collector use the first one that a kind has.
 * Source: CompareKubeAwareVersionStrings of k8s.io/apimachinery.
 */
export function byKubernetesOrder(a: string, b: string): number {
  const [first, second] = [ranks(a), ranks(b)];
  const rank = [0, 1, 2].map((index) => (second[index] ?? 0) - (first[index] ?? 0)).find((less) => less !== 0);
  return rank ?? (a < b ? -1 : a > b ? 1 : 0);
}

/** Stability, major version, number of the alpha or beta. All 0 for a name of another form. */
function ranks(name: string): readonly number[] {
  const [, major, stability, minor = '0'] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name) ?? [];
  if (major === undefined) return [0, 0, 0];
  return [stability === undefined ? 3 : stability === 'beta' ? 2 : 1, Number(major), Number(minor)];
}
