import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../../kinds/contract.ts';
import type { ArmType, TypeFile } from '../../../kinds/facts/type-file.ts';
import { typeFileOf } from '../../../kinds/generate/bicep-types.ts';

const ROOT = join(import.meta.dirname, '../../..');
const BICEP = join(ROOT, 'test/data/bicep-types/types.json');
const entries = JSON.parse(readFileSync(BICEP, 'utf8')) as Json;
const FIELDS = 'Microsoft.Poppies/fields';

describe("a type file made from Bicep's types", () => {
  const file = typeFileOf(entries);

  it('has the resources with their scopes, without what every resource has', () => {
    expect([file.provider, file.apiVersion]).toEqual(['Microsoft.Poppies', '2030-01-01']);
    expect(file.resources).toEqual({
      [FIELDS]: {
        scopes: ['resourceGroup'],
        properties: {
          name: { type: 'string', pattern: '^[a-z]+$', minLength: 3, maxLength: 24, required: true },
          location: { type: 'string', required: true },
          tags: { type: 'map', values: { type: 'string' } },
          properties: { ref: 'FieldProperties' },
        },
      },
      'Microsoft.Poppies/reports': {
        scopes: [],
        readScopes: ['tenant', 'subscription'],
        properties: { name: { type: 'string', required: true }, text: { type: 'string', readOnly: true } },
      },
    });
  });

  it.each<[reason: string, property: string, want: ArmType]>([
    ['text values beside any text are open', 'colour', { type: 'string', enum: ['Red', 'White'], open: true }],
    ['text values alone are not', 'season', { type: 'string', enum: ['Red', 'White'], required: true }],
    [
      'a list has limits of its own',
      'rows',
      { type: 'array', items: { type: 'integer', minimum: 1, maximum: 100 }, minItems: 1, maxItems: 9 },
    ],
    ['sensitive text is a secret', 'password', { type: 'string', secret: true, writeOnly: true }],
    ['only in answers', 'state', { type: 'string', readOnly: true }],
    ['variants', 'soil', { ref: 'Soil' }],
    ['the first type of a name keeps it', 'north', { ref: 'Edge' }],
    ['one of the same content is the same type', 'south', { ref: 'Edge' }],
    ['one of other content is another type', 'west', { ref: expect.stringMatching(/^Edge~\d$/) as unknown as string }],
    ['any value', 'anything', { type: 'any' }],
    ['an object of unknown content', 'settings', { type: 'object' }],
    ['a union of other types has no form', 'mixed', { type: 'any' }],
  ])('%s: %s', (_, property, want) => {
    expect(file.types['FieldProperties']?.properties[property]).toEqual(want);
  });

  it('has variants, also one that contains its own type', () => {
    expect(file.types['Soil']).toEqual({
      properties: { depth: { type: 'integer', minimum: 1, maximum: 100 } },
      discriminator: 'kind',
      variants: { Clay: { ref: 'Clay' } },
    });
    expect(file.types['Clay']?.properties).toEqual({
      kind: { type: 'string', enum: ['Clay'], required: true },
      below: { ref: 'Soil' },
    });
  });

  it('has the actions with what they return', () => {
    expect(file.functions).toEqual({ [FIELDS]: { listKeys: { output: { ref: 'Keys' } } } });
    expect(file.types['Keys']?.properties['primaryKey']).toMatchObject({ secret: true });
  });

  it('has only the wanted types, and of the others nothing', () => {
    const wanted = typeFileOf(entries, ['microsoft.poppies/REPORTS']);
    expect([Object.keys(wanted.resources), wanted.functions, wanted.types]).toEqual([
      ['Microsoft.Poppies/reports'],
      {},
      {},
    ]);
  });

  it.each<[reason: string, given: Json, wanted: string[] | undefined, message: RegExp]>([
    ['the older form of the files', [{ '13': {} }], undefined, /must be a list of objects that have a "\$type"/],
    ['a type that is not there', entries, ['Microsoft.Poppies/seeds'], /no resource type .*seeds; there are: /],
    ['nothing in it', [], undefined, /no resource type in the file/],
    [
      'an entry of a kind that is newer than the script',
      [
        { $type: 'ResourceType', name: 'A/b@1', body: { $ref: '#/1' }, readableScopes: 8, writableScopes: 8 },
        { $type: 'ObjectType', name: 'A/b', properties: { x: { type: { $ref: '#/2' }, flags: 0 } } },
        { $type: 'NewType' },
      ],
      undefined,
      /#\/2: this script does not know the type NewType/,
    ],
  ])('refuses %s', (_, given, wanted, message) => {
    expect(() => typeFileOf(given, wanted)).toThrow(message);
  });

  it('is written by scripts/type-file.ts, one type a line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'type-file-'));
    try {
      const out = join(folder, 'made/2030-01-01.json');
      const run = promisify(execFile);
      const { stdout } = await run(process.execPath, ['scripts/type-file.ts', '--out', out, BICEP], { cwd: ROOT });
      expect(stdout).toContain(FIELDS);
      const text = readFileSync(out, 'utf8');
      expect(JSON.parse(text) as TypeFile).toEqual(file);
      expect(text.split('\n').filter((line) => line.startsWith('"Soil":'))).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 20_000);
});
