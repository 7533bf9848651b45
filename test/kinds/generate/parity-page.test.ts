import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { kindsPage } from '../../../kinds/generate/kinds-page.ts';
import { MISSING_KINDS } from '../../../kinds/generate/missing-kinds.ts';
import { parityPage } from '../../../kinds/generate/parity-page.ts';
import { GENERAL_RULES, KIND_RULES } from '../../../kinds/generate/parity-rules.ts';
import { loadKindsWithParts } from '../../../kinds/load.ts';
import { quirkOf } from '../../../kinds/quirks/registry.ts';

const kinds = loadKindsWithParts();
const shapeOf: Parameters<typeof parityPage>[1] = (kind, apiVersion) => kinds.shape(kind, apiVersion);

describe('docs/parity.md', () => {
  const page = parityPage(kinds.all(), shapeOf);
  const lines = page.split('\n');
  const lineOf = (group: string, kind: string): string | undefined => {
    const section = lines.slice(lines.indexOf(`### ${group}`) + 1);
    return section.find((line) => line.startsWith(`- **${kind}**: `) || line.startsWith('###'));
  };

  it.each<[reason: string, group: string, kind: string, want: string]>([
    [
      'computed from the limits of the fields',
      'network.azure.com',
      'VirtualNetworkGateway',
      'numbers above 2³¹ (`bgpSettings.asn`)',
    ],
    ['from the row', 'compute.azure.com', 'Disk', 'types of another api-version (2020-09-30 has those of 2020-12-01)'],
    ['by name, with fields', 'keyvault.azure.com', 'Vault', 'no recovery into another group (`createMode`)'],
    ['by name, as a whole', 'subscription.azure.com', 'Alias', 'cancelled once'],
    [
      'the old names of a kind',
      'resources.azure.com',
      'ResourceGroup',
      'names of before 2.0 (`v1beta20200601`, `v1alpha1api20200601`)',
    ],
  ])('says what differs: %s', (_, group, kind, want) => {
    expect(lineOf(group, kind)).toContain(want);
  });

  it('lists every kind once', () => {
    const listed = lines.flatMap((line) => {
      const differing = /^- \*\*(\w+)\*\*: /.exec(line)?.[1];
      return differing === undefined ? (/^- nothing more: (.*)$/.exec(line)?.[1]?.split(', ') ?? []) : [differing];
    });
    expect(listed.sort()).toEqual(
      kinds
        .all()
        .map(({ kind }) => kind)
        .sort(),
    );
  });

  it.each(KIND_RULES.map((rule) => [rule.title, rule] as const))('%s holds for a kind', (title, { kinds: named }) => {
    expect(lines.some((line) => line.startsWith('- **') && line.includes(title))).toBe(true);
    expect(typeof named === 'function' || Object.keys(named).length > 0).toBe(true);
  });

  it('has cells that a table can hold', () => {
    for (const { ours, aso, why } of [...GENERAL_RULES, ...KIND_RULES])
      expect([ours, aso, why].filter((text) => text === '' || /[|\n]/.test(text))).toEqual([]);
  });

  it('lists each kind that becomes Ready later than in ASO, or is deleted otherwise', () => {
    const quirks = kinds.all().filter((kind) => quirkOf(kind).readiness ?? quirkOf(kind).beforeDelete);
    expect(quirks.filter(({ group, kind }) => lineOf(group, kind)?.startsWith('- **') !== true)).toEqual([]);
    expect(quirks).toHaveLength(2);
  });

  it('does not accept a rule for a kind that is not there', () => {
    expect(() => parityPage([], shapeOf)).toThrow(/names \S+, which is not a kind/);
  });
});

describe('docs/kinds.md', () => {
  it('names each kind of ASO that is not an ARM resource, and says why it is not there', () => {
    const text = readFileSync(new URL('../../../kinds/kinds.json', import.meta.url), 'utf8');
    const rows = (JSON.parse(text) as { kinds: { group: string; kind: string; armType: string | null }[] }).kinds;
    const missing = rows.filter(({ armType }) => armType === null).map(({ group, kind }) => `${kind}.${group}`);
    const named = MISSING_KINDS.map(({ group, kind }) => `${kind}.${group}`);
    expect(missing.filter((id) => !named.includes(id))).toEqual([]);
    expect(named.filter((id) => kinds.all().some(({ group, kind }) => `${kind}.${group}` === id))).toEqual([]);
    const page = kindsPage(kinds.all(), shapeOf);
    for (const id of named) expect(page).toContain(`| ${id}<br>`);
  });
});
