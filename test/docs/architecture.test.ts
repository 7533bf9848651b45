import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from './guide.ts';

const PAGE = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
/** Rooms of people and machines that build the product: they may import everything. */
const UNBOUND = ['dev', 'scripts', 'bench', 'test'];

/** The rows of the two tables: a room, and what it may import. */
const rows = [...PAGE.matchAll(/^\| `([a-z/]+)\/` +\|.*\| ([^|]+?) *\|$/gm)].map(([, room = '', cell = '']) => ({
  room,
  imports: [...cell.matchAll(/`([a-z]+)\/`/g)].map(([, name = '']) => name).sort(),
}));

const folders = (path: string): string[] =>
  readdirSync(join(ROOT, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name))
    .map(({ name }) => name);
const rooms = folders('.').filter((name) => readdirSync(join(ROOT, name)).some((file) => /\.m?[tj]s$/.test(file)));
const inner = ['activities', 'kinds'].flatMap((room) =>
  folders(room)
    .filter((name) => existsSync(join(ROOT, room, name, 'README.md')))
    .map((name) => `${room}/${name}`),
);

describe('docs/architecture.md', () => {
  it('has a row for each room, and for no other', () => {
    const bound = [...rooms, ...inner].filter((room) => !UNBOUND.includes(room));
    expect(rows.map(({ room }) => room).sort()).toEqual(bound.sort());
  });

  describe('what ESLint allows', () => {
    let restricted: Record<string, string[]>;
    beforeAll(async () => {
      restricted = await restrictedPatterns(rows.map(({ room }) => room));
    }, 120_000);

    // What kinds/generate/ may import within kinds/ has no rule.
    it.each(rows.filter(({ room }) => room !== 'kinds/generate'))('$room/ may import $imports', ({ room, imports }) => {
      const [outer = '', name] = room.split('/');
      const neighbours = name === undefined ? rooms : folders(outer);
      const allowed = neighbours
        .filter((other) => other !== (name ?? outer) && !UNBOUND.includes(other))
        .filter((other) => !restricted[room]!.some((regex) => new RegExp(regex).test(`../${other}/file.ts`)));
      expect(allowed.sort()).toEqual(imports);
    });
  });
});

/** The expressions by which `no-restricted-imports` forbids imports, for each room. */
async function restrictedPatterns(names: readonly string[]): Promise<Record<string, string[]>> {
  const script = `
    import { ESLint } from 'eslint';
    const eslint = new ESLint();
    const found = {};
    for (const name of ${JSON.stringify(names)}) {
      const { rules } = await eslint.calculateConfigForFile(name + '/some-file.ts');
      found[name] = rules['no-restricted-imports'][1].patterns.flatMap(({ regex }) => regex ?? []);
    }
    console.log(JSON.stringify(found));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT });
  return JSON.parse(stdout) as Record<string, string[]>;
}
