// Run `node scripts/complete-lock.mjs` after each `npm install`. If the registry lacks a package's builds for other
// platforms, npm leaves those optional dependencies out of package-lock.json, and `npm ci` then rejects the lock file
// ("Missing ... from lock file"). This script adds them. npm never downloads them where their os and cpu do not match.
// An entry that was added in this way has no integrity, so npm would install whatever the registry then sends. Once the
// registry has the package, this script lets npm fill the integrity in.
// `--check` only reports, also of another file: `--check FILE`. Plain JavaScript for Node >= 20.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const isCheck = process.argv[2] === '--check';
const file = (isCheck && process.argv[3]) || join(root, 'package-lock.json');
if (!isCheck && withoutIntegrity(read().packages).length > 0) resolveAgain();
const lock = read();
const { packages } = lock;
const missing = [];

for (const [path, entry] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!isResolved(path, name)) missing.push({ name, version: range, by: path, dev: entry.dev === true });
  }
}

for (const { name, version, dev, by } of missing) {
  if (!/^\d+\.\d+\.\d+/.test(version))
    throw new Error(
      `cannot add ${name}@${version}, which ${by} depends on: it is not an exact version; add it to package-lock.json by hand`,
    );
  packages[`node_modules/${name}`] = { version, ...platform(name), ...(dev ? { dev: true } : {}), optional: true };
}

const unsafe = withoutIntegrity(packages);
if (unsafe.length > 0) {
  const advice = isCheck
    ? 'run node scripts/complete-lock.mjs'
    : 'the registry does not have them; run this script again when it does';
  console.error(`package-lock.json has no sha512 integrity for ${unsafe.join(', ')}: ${advice}`);
  process.exitCode = 1;
}
if (missing.length === 0) {
  if (unsafe.length === 0) console.log('package-lock.json is complete');
} else if (isCheck) {
  console.error(
    `package-lock.json lacks ${missing.map(({ name }) => name).join(', ')}: run node scripts/complete-lock.mjs`,
  );
  process.exitCode = 1;
} else {
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`added ${missing.length} optional entries: ${missing.map(({ name }) => name).join(', ')}`);
}

function read() {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The paths of the packages that npm would install whatever their content. */
function withoutIntegrity(entries) {
  return Object.entries(entries).flatMap(([path, { link, integrity }]) =>
    path === '' || link || integrity?.startsWith('sha512-') ? [] : [path],
  );
}

/** npm resolves an entry only if it is not there. It keeps the versions of all others, and installs nothing. */
function resolveAgain() {
  const old = read();
  for (const path of withoutIntegrity(old.packages)) delete old.packages[path];
  writeFileSync(file, `${JSON.stringify(old, null, 2)}\n`);
  const args = ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('npm could not complete package-lock.json: its error is above');
}

/** Follows Node's lookup: beside the package, then in each node_modules above it. */
function isResolved(path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
}

/**
 * Derives os and cpu from the end of the package name (`-darwin-arm64`, `-linux-arm-gnueabihf`), by the convention of
 * these packages. Without os and cpu, npm would install the package on every platform.
 */
function platform(name) {
  const match = /(android|darwin|freebsd|linux|openharmony|win32|windows|aix|sunos|netbsd|openbsd)-([a-z0-9]+)/.exec(
    name,
  );
  if (match === null) throw new Error(`cannot tell the platform of ${name} from its name`);
  return { cpu: [match[2]], os: [match[1] === 'windows' ? 'win32' : match[1]] };
}
