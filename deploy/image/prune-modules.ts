import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reproducible, type Bom } from './reproducible-bom.ts';

/**
 * `node prune-modules.ts FOLDER` removes from FOLDER/node_modules what the worker, the watcher and the `crds` command
 * never load: the bundler of workflows, other platforms, builds for browsers, types and source maps. Then it removes
 * from FOLDER/sbom.cdx.json the packages that are gone.
 */
const root = process.argv[2];
if (root === undefined) throw new Error('no folder given; usage: node prune-modules.ts FOLDER');
const modules = join(root, 'node_modules');

/** What `@temporalio/worker` needs to build a bundle, and never to run one. */
const BUNDLER = ['@swc/core', 'memfs', 'source-map-loader', 'swc-loader', 'unionfs', 'webpack'];
/** For a runtime that is not Node, with native code for many platforms. */
const OTHER_RUNTIME = /^bare-/;
/** These its bundler loads at once, so something must be there. */
const STUBS = ['memfs', 'unionfs', 'webpack'];
const STUB = `'use strict';
module.exports = new Proxy({ __esModule: true }, {
  get: (target, name) => {
    if (name in target || typeof name === 'symbol') return target[name];
    throw new Error('the image cannot build a workflow bundle: leave WORKFLOW_BUNDLE as the image sets it');
  },
});
`;
/** Folders of @azure/* and @typespec/*: builds for other runtimes. */
const OTHER_RUNTIMES = ['browser', 'react-native', 'workerd'];
const UNUSED_FILE = /\.(?:[cm]?ts|map|md|markdown|flow)$/i;
const UNUSED_FOLDER = new Set(['docs', 'example', 'examples', 'test', 'tests', '__tests__', '.github', 'benchmarks']);

/** The classes of every Kubernetes API, which kube/skip-generated-api.ts does not load. */
const GENERATED_API = ['apis', 'models', 'types'].map((name) => `@kubernetes/client-node/dist/gen/${name}`);

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Sbom extends Bom {
  components: { readonly 'bom-ref': string; readonly name: string; readonly version: string }[];
  dependencies: { readonly ref: string; dependsOn?: string[] }[];
}

const needed = neededPackages();
for (const folder of packageFolders(modules)) if (!needed.has(folder)) rmSync(folder, { recursive: true });
for (const folder of GENERATED_API) rmSync(join(modules, folder), { recursive: true, force: true });
for (const name of STUBS) writeStub(name);
keepOneCore();
for (const scope of ['@azure', '@typespec'])
  for (const name of readdirSync(join(modules, scope)))
    for (const runtime of OTHER_RUNTIMES)
      rmSync(join(modules, scope, name, 'dist', runtime), { recursive: true, force: true });
removeUnusedFiles(modules);
for (const name of folderNames(modules))
  if (readdirSync(join(modules, name)).length === 0) rmdirSync(join(modules, name));
rmSync(join(modules, '.bin'), { recursive: true, force: true });
rmSync(join(modules, '.package-lock.json'), { force: true });
rmSync(join(root, 'package-lock.json'), { force: true });
writeSbom();

/** The folders of the packages that are reached from package.json without the bundler's. */
function neededPackages(): Set<string> {
  const found = new Set<string>();
  const visit = (name: string, from: string): void => {
    if (BUNDLER.includes(name) || OTHER_RUNTIME.test(name)) return;
    const folder = resolve(name, from);
    if (folder === undefined || found.has(folder)) return;
    found.add(folder);
    const { dependencies, optionalDependencies } = readManifest(folder);
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, folder);
  };
  for (const name of Object.keys(readManifest(root ?? '').dependencies ?? {})) visit(name, root ?? '');
  return found;
}

/** Node's own rule: the nearest node_modules at or above the folder. */
function resolve(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = join(folder, '..')) {
    const candidate = join(folder, 'node_modules', name);
    if (isPackage(candidate)) return candidate;
    if (folder === root || folder === '/') return undefined;
  }
}

function isPackage(folder: string): boolean {
  try {
    readManifest(folder);
    return true;
  } catch {
    return false;
  }
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** All package folders, those inside a package before the package itself. */
function packageFolders(folder: string): string[] {
  const names = folderNames(folder).flatMap((name) =>
    name.startsWith('@') ? folderNames(join(folder, name)).map((inner) => join(name, inner)) : [name],
  );
  return names
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(folder, name))
    .flatMap((path) => [...packageFolders(join(path, 'node_modules')), path]);
}

function folderNames(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function writeStub(name: string): void {
  const folder = join(modules, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '0.0.0', main: 'index.js' }));
  writeFileSync(join(folder, 'index.js'), STUB);
}

/** Temporal's core: one native library for each platform. */
function keepOneCore(): void {
  const releases = join(modules, '@temporalio/core-bridge/releases');
  const keep = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`;
  for (const name of readdirSync(releases)) if (name !== keep) rmSync(join(releases, name), { recursive: true });
}

function removeUnusedFiles(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      // A package may have the name of such a folder.
      if (UNUSED_FOLDER.has(entry.name) && !isPackage(path)) rmSync(path, { recursive: true });
      else removeUnusedFiles(path);
    } else if (UNUSED_FILE.test(entry.name)) rmSync(path);
  }
}

/** Keeps the packages that are still there. */
function writeSbom(): void {
  const file = join(root ?? '', 'sbom.cdx.json');
  const sbom = JSON.parse(readFileSync(file, 'utf8')) as Sbom;
  const manifests = [...needed].map(readManifest);
  const kept = new Set(manifests.map(({ name, version }) => `${String(name)}@${String(version)}`));
  const gone = new Set(
    sbom.components.filter(({ name, version }) => !kept.has(`${name}@${version}`)).map((lost) => lost['bom-ref']),
  );
  sbom.components = sbom.components.filter((component) => !gone.has(component['bom-ref']));
  sbom.dependencies = sbom.dependencies
    .filter(({ ref }) => !gone.has(ref))
    .map((entry) => ({ ...entry, dependsOn: (entry.dependsOn ?? []).filter((ref) => !gone.has(ref)) }));
  writeFileSync(file, reproducible(sbom));
}
