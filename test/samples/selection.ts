import { groupOf, type Sample } from './load-samples.ts';

/**
 * `all` or nothing: all of them; text that the file's path must contain (several with commas); `third`: a third, always the same, in which each kind is at
 * least once, of whole folders, because a file alone brings with it nearly all of its folder.
 * @throws Error when nothing has that text.
 */
export function chosenSamples(samples: readonly Sample[], wish: string | undefined): Sample[] {
  if (wish === undefined || wish === '' || wish === 'all') return [...samples];
  if (wish === 'third') return aThird(samples);
  const parts = wish.split(',').map((part) => part.trim());
  const chosen = samples.filter(({ file }) => parts.some((part) => file.includes(part)));
  if (chosen.length === 0) throw new Error(`no sample has "${wish}" in its path`);
  return chosen;
}

function aThird(samples: readonly Sample[]): Sample[] {
  const folders = Map.groupBy(samples, ({ unit }) => unit);
  const chosen = new Set<string>();
  const known = new Set<string>();
  let count = 0;
  const newIn = (unit: string): number =>
    new Set((folders.get(unit) ?? []).map(kindOf).filter((kind) => !known.has(kind))).size;
  while (chosen.size < folders.size) {
    const left = [...folders.keys()].filter((unit) => !chosen.has(unit));
    const most = Math.max(...left.map(newIn));
    if (most === 0 && count * 3 >= samples.length) break;
    const next = left.find((unit) => newIn(unit) === most) ?? '';
    chosen.add(next);
    for (const sample of folders.get(next) ?? []) known.add(kindOf(sample));
    count += folders.get(next)?.length ?? 0;
  }
  return samples.filter(({ unit }) => chosen.has(unit));
}

function kindOf(sample: Sample): string {
  return `${sample.manifest.kind}.${groupOf(sample)}`;
}
