import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The admission policies belong to every selection of CRDs. */
const POLICY = 'policy.yaml';

/**
 * Writes one file for each API group, with the CRDs of the group, and one with the admission policies.
 * `kubectl apply --server-side -f` takes each of them.
 * @returns the names of the files
 */
export async function writeCrdBundles(crds: string, into: string): Promise<string[]> {
  const names = (await readdir(crds)).filter((name) => name.endsWith('.yaml')).sort();
  const groups = Map.groupBy(
    names.filter((name) => name !== POLICY),
    (name) => name.slice(0, name.indexOf('_')),
  );
  const bundles = new Map([...groups].map(([group, files]) => [`crds-${group}.yaml`, files]));
  bundles.set('admission-policy.yaml', [POLICY]);
  for (const [bundle, files] of bundles) {
    const texts = await Promise.all(files.map((name) => readFile(join(crds, name), 'utf8')));
    await writeFile(
      join(into, bundle),
      texts.map((text) => text.replace(/^---\n/, '').trimEnd()).join('\n---\n') + '\n',
    );
  }
  return [...bundles.keys()].sort();
}
