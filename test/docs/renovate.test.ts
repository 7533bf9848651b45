import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ROOT } from './guide.ts';

interface PackageRule {
  readonly groupName?: string;
  readonly matchDepTypes?: readonly string[];
  readonly matchPackageNames: readonly string[];
}
interface Renovate {
  readonly customManagers: readonly { readonly managerFilePatterns: string[]; readonly matchStrings: string[] }[];
  readonly packageRules: readonly PackageRule[];
}

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const renovate = JSON.parse(read('renovate.json')) as Renovate;
const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<
  string,
  Record<string, string>
>;
const packages = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });

it.each(packages)('%s is pinned: %s', (_name, version) => {
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

// An expression that matches nothing is no error to Renovate: the version would silently stay behind.
it.each(renovate.customManagers)(
  '$matchStrings finds the version of go.mod',
  ({ managerFilePatterns, matchStrings }) => {
    const [, pattern = ''] = /^\/(.*)\/$/.exec(managerFilePatterns[0]!)!;
    const files = readdirSync(join(ROOT, 'dev')).map((name) => `dev/${name}`);
    const file = files.find((path) => new RegExp(pattern).test(path))!;
    const found = new RegExp(matchStrings[0]!).exec(read(file))?.groups?.['currentValue'];
    expect(read('dev/go.mod')).toContain(`k8s.io/kubernetes ${found} `);
  },
);

it.each(renovate.packageRules.filter(({ groupName }) => groupName !== undefined))(
  'the group $groupName has members here',
  ({ matchPackageNames }) => {
    const known = `${read('package.json')}${read('dev/go.mod')}${read('docker-compose.yml')}${read('Dockerfile')}`;
    for (const name of matchPackageNames) expect(known).toContain(name.replace('**', ''));
  },
);

// Renovate leaves alone what go.mod calls indirect, as it does every program.
it.each(['dev', 'dev/compose', 'dev/helm', 'dev/temporal-production'])(
  'the programs of %s/go.mod are kept up to date',
  (folder) => {
    const file = read(`${folder}/go.mod`);
    const block = /^tool (?:\(([\s\S]*?)\)|(.*))$/m.exec(file);
    const programs = (block?.[1] ?? block?.[2] ?? '').trim().split(/\s+/);
    const required = [...file.matchAll(/^\s*(?:require )?(\S+) v\S+/gm)].map(([, name = '']) => name);
    const modules = programs.map((program) => required.find((name) => `${program}/`.startsWith(`${name}/`)));
    const [rule] = renovate.packageRules.filter(({ matchDepTypes }) => matchDepTypes?.includes('indirect') === true);
    expect(modules.filter((name) => !rule?.matchPackageNames.includes(name ?? 'no module'))).toEqual([]);
    expect(modules.length).toBeGreaterThan(0);
  },
);
