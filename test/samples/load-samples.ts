import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../dev/kube-api.ts';
import type { JsonObject } from '../../kinds/contract.ts';

/** One manifest as Azure Service Operator ships it. */
export interface Sample {
  /** Path below `test/samples/data`. */
  readonly file: string;
  /** The folder whose manifests belong together: they name each other. */
  readonly unit: string;
  readonly manifest: Manifest & { readonly spec: JsonObject };
}

/** All samples, in the order of their paths. */
export function loadSamples(): Sample[] {
  const folder = join(import.meta.dirname, 'data');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  return files.sort().flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => {
      const manifest = document.toJS() as Sample['manifest'];
      return { file, unit: dirname(file).replace(/\/refs$/, ''), manifest };
    }),
  );
}

export function groupOf({ manifest }: Pick<Sample, 'manifest'>): string {
  return manifest.apiVersion.split('/')[0] ?? '';
}

export function versionOf({ manifest }: Pick<Sample, 'manifest'>): string {
  return manifest.apiVersion.split('/')[1] ?? '';
}
