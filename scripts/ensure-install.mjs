// Runs before every npm script, on whatever Node the system has (>= 20): plain JavaScript without dependencies.
// Installs the packages of the lock file unless exactly those are installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const marker = join(root, 'node_modules', '.installed');
// Include the platform: a checkout that moves between machines needs other native packages.
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex');

if (!existsSync(marker) || readFileSync(marker, 'utf8').trim() !== wanted) await install();

async function install() {
  const started = Date.now();
  const elapsed = () => Math.round((Date.now() - started) / 1000);
  console.error('Installing npm packages (usually 20 to 60 s, once) ...');
  const timer = setInterval(() => console.error(`  still installing, ${elapsed()} s so far`), 15_000);
  let output = '';
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => {
    npm.once('error', (error) => {
      output += error.message;
      resolve(1);
    });
    npm.once('close', resolve);
  });
  clearInterval(timer);
  if (code !== 0) {
    console.error(`${output.trimEnd()}\nnpm ci failed (${code}); the script was not started.`);
    process.exit(1);
  }
  writeFileSync(marker, `${wanted}\n`);
  console.error(`  installed in ${elapsed()} s`);
}
