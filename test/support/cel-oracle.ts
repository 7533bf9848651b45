import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../dev/build-binaries.ts';

const DEV = join(import.meta.dirname, '../../dev');

export type OracleAnswer = { readonly value: string | Record<string, string> } | { readonly error: string };

/**
 * Evaluates expressions with cel-go, in ASO's environment (dev/cel-oracle/main.go). The program is built with Go when it
 * is first needed (two seconds where the embedded stack was built, about a minute of two cores otherwise) and kept beside
 * the stack's.
 */
export async function askCelGo(input: {
  self: unknown;
  secret: Record<string, string>;
  expressions: readonly string[];
}): Promise<OracleAnswer[]> {
  const child = spawn(await oracle(), { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(input));
  return JSON.parse(await text(child.stdout)) as OracleAnswer[];
}

async function oracle(): Promise<string> {
  const source = await readFile(join(DEV, 'cel-oracle/main.go'));
  const directory = await cacheDirectory();
  const file = join(directory, `cel-oracle-${createHash('sha256').update(source).digest('hex').slice(0, 16)}`);
  const isBuilt = await access(file).then(
    () => true,
    () => false,
  );
  if (isBuilt) return file;
  await mkdir(directory, { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await promisify(execFile)(
    'go',
    ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', temporary, './cel-oracle'],
    { cwd: DEV, env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' } },
  );
  // Another test process may have been as fast: the content is the same.
  await rename(temporary, file);
  return file;
}
