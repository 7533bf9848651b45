import { execFile } from 'node:child_process';
import { access, cp, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { buildMissing, cacheDirectory, type BinaryName, type GoModule } from './build-binaries.ts';

/** Temporal as it runs in production, where the embedded stack has its dev server. Built for tests only. */
export interface ProductionBinaries {
  /** `go.temporal.io/server/cmd/server`, with the plugins `postgres12` and `postgres12_pgx`. */
  readonly server: string;
  readonly sqlTool: string;
  readonly uiServer: string;
  /** The folder `schema` of the server's sources: `postgresql/v12/temporal/versioned` and its like are in it. */
  readonly schema: string;
  /** The folder with the entry point of the server's image, from its sources. */
  readonly scripts: string;
  /** The folder with the configuration of the UI's image, from its sources. */
  readonly uiConfig: string;
}

const TEMPORAL: GoModule = 'temporal-production';

/** Builds what is missing, once and outside the checkout. `log` gets a line for each long step. */
export async function ensureProductionBinaries(log: (line: string) => void): Promise<ProductionBinaries> {
  const directory = await build(TEMPORAL, ['temporal-server', 'temporal-sql-tool', 'temporal-ui-server'], log);
  await copySources(directory, 'go.temporal.io/server', 'schema');
  await copySources(directory, 'go.temporal.io/server', 'docker/scripts/sh');
  await copySources(directory, 'github.com/temporalio/ui-server/v2', 'config');
  const path = (name: BinaryName): string => join(directory, name);
  return {
    server: path('temporal-server'),
    sqlTool: path('temporal-sql-tool'),
    uiServer: path('temporal-ui-server'),
    schema: join(directory, 'schema'),
    scripts: join(directory, 'docker/scripts/sh'),
    uiConfig: join(directory, 'config'),
  };
}

/** Builds compose v2, which Debian's packages do not have. Returns its path. */
export async function ensureCompose(log: (line: string) => void): Promise<string> {
  return join(await build('compose', ['docker-compose'], log), 'docker-compose');
}

/** Go is needed only when something is missing. Returns the folder of the programs. */
async function build(module: GoModule, names: readonly BinaryName[], log: (line: string) => void): Promise<string> {
  const directory = await cacheDirectory(module);
  const built = await Promise.all(names.map((name) => exists(join(directory, name))));
  const missing = names.filter((_, index) => built[index] !== true);
  if (missing.length > 0) await buildMissing({ directory, module, names: missing, log });
  return directory;
}

/** Copies a folder of a module's sources, which Go keeps read-only and may remove. */
async function copySources(directory: string, module: string, folder: string): Promise<void> {
  const to = join(directory, folder);
  if (await exists(to)) return;
  const { stdout } = await promisify(execFile)('go', ['list', '-m', '-f', '{{.Dir}}', module], {
    cwd: join(import.meta.dirname, TEMPORAL),
    env: { ...process.env, GOFLAGS: '', GOWORK: 'off' },
  });
  const temporary = `${to}.${process.pid}`;
  try {
    await mkdir(dirname(to), { recursive: true });
    await cp(join(stdout.trim(), folder), temporary, { recursive: true });
    // The rename ensures that a folder with the final name is complete.
    await rename(temporary, to);
  } catch (error) {
    // Another process was faster.
    if (!(await exists(to))) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
