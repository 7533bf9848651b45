import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';

import { crdFiles } from './files.ts';
import { GENERATED } from './selection.ts';

const folder = new URL('../../crds/', import.meta.url);
const files = crdFiles(GENERATED);
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) {
  if (name.endsWith('.yaml') && !files.has(name)) rmSync(new URL(name, folder));
}
for (const [name, content] of files) writeFileSync(new URL(name, folder), content);
process.stdout.write(`${String(files.size)} files in crds/\n`);
