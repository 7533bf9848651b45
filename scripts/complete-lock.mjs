// Run `node scripts/complete-lock.mjs` after each `npm install`. If the registry lacks a package's builds for other
// platforms, npm leaves those optional dependencies out of package-lock.json, and `npm ci` then rejects the lock file
// ("Missing ... from lock file"). This script adds them. npm never downloads them where their os and cpu do not match.
// `--check` only reports. Plain JavaScript for Node >= 20.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = join(dirname(fileURLToPath(import.meta.url)), '..', 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
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

if (missing.length === 0) {
  console.log('package-lock.json is complete');
} else if (process.argv.includes('--check')) {
  console.error(
    `package-lock.json lacks ${missing.map(({ name }) => name).join(', ')}: run node scripts/complete-lock.mjs`,
  );
  process.exitCode = 1;
} else {
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`added ${missing.length} optional entries: ${missing.map(({ name }) => name).join(', ')}`);
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
