import type { Sample } from './load-samples.ts';

/** `all`, text that the file's path must contain (several with commas), or nothing: every third file, always the same ones. */
export function chosenSamples(samples: readonly Sample[], wish: string | undefined): Sample[] {
  if (wish === undefined || wish === '') return samples.filter((_sample, index) => index % 3 === 0);
  if (wish === 'all') return [...samples];
  const parts = wish.split(',').map((part) => part.trim());
  const chosen = samples.filter(({ file }) => parts.some((part) => file.includes(part)));
  if (chosen.length === 0) throw new Error(`no sample has "${wish}" in its path`);
  return chosen;
}
