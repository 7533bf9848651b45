import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const LOCK = join(ROOT, 'package-lock.json');

interface Lock {
  readonly packages: Record<string, { integrity?: string }>;
}
interface Sbom {
  readonly bomFormat: string;
  readonly components: readonly {
    readonly name: string;
    readonly hashes?: readonly { readonly alg: string }[];
    readonly properties?: readonly { readonly name: string; readonly value: string }[];
  }[];
}

function check(file: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/complete-lock.mjs', '--check', file], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

describe('package-lock.json', () => {
  it('has an integrity for each package, those of other platforms too: npm refuses any other content', () => {
    expect(check(LOCK)).toEqual({ status: 0, output: 'package-lock.json is complete\n' });
  });

  it.each([
    { why: 'without an integrity npm installs whatever the registry sends', integrity: undefined },
    { why: 'a SHA-1 can be forged', integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' },
  ])('is reported if not: $why', ({ integrity }) => {
    const directory = mkdtempSync(join(tmpdir(), 'lock-'));
    try {
      const lock = JSON.parse(readFileSync(LOCK, 'utf8')) as Lock;
      const entry = lock.packages['node_modules/undici'];
      if (entry === undefined) throw new Error('undici is not in the lock file');
      delete entry.integrity;
      if (integrity !== undefined) entry.integrity = integrity;
      const file = join(directory, 'package-lock.json');
      writeFileSync(file, JSON.stringify(lock));
      const { status, output } = check(file);
      expect(status).toBe(1);
      expect(output).toMatch(/no sha512 integrity for node_modules\/undici: run node scripts\/complete-lock\.mjs/);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('is the source of a bill of materials that names what is shipped, with digests, without a network', () => {
    const { stdout } = spawnSync('npm', ['run', '--silent', 'sbom', '--offline'], { cwd: ROOT, encoding: 'utf8' });
    const sbom = JSON.parse(stdout) as Sbom;
    expect(sbom.bomFormat).toBe('CycloneDX');
    const shipped = sbom.components
      .filter(({ properties }) => !properties?.some(({ name }) => name === 'cdx:npm:package:development'))
      .map(({ name }) => name);
    // npm's own --omit=dev would leave out @temporalio/worker, because a package of the tests needs it, too.
    expect(shipped).toEqual(expect.arrayContaining(['@temporalio/worker', 'undici', '@azure/identity']));
    expect(shipped).not.toContain('jest');
    expect(sbom.components.filter(({ hashes }) => !hashes?.some(({ alg }) => alg === 'SHA-512'))).toEqual([]);
  }, 60_000);
});
