import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { workflowId } from '../../contract/resource-ref.ts';
import { GENERIC_KIND } from '../../kinds/generic/generic-kind.ts';
import { loadKinds } from '../../kinds/load.ts';

const KINDS = [...loadKinds().all(), GENERIC_KIND];
const NAMESPACE = 'n'.repeat(63);
const NAME = 'r'.repeat(253);
const LIMITS = parse(readFileSync('deploy/compose/dynamic-config.yaml', 'utf8')) as {
  'limit.maxIDLength': { value: number }[];
};

describe('workflowId', () => {
  it.each([
    { why: 'it can be read and typed', name: 'rg', id: 'ResourceGroup.resources.azure.com/team-a/rg' },
    {
      why: 'as long as a database allows, it is not changed: open runs keep their ids',
      name: 'r'.repeat(214),
      id: `ResourceGroup.resources.azure.com/team-a/${'r'.repeat(214)}`,
    },
  ])('is kind, group, namespace and name: $why', ({ name, id }) => {
    expect(workflowId({ group: 'resources.azure.com', kind: 'ResourceGroup', namespace: 'team-a', name })).toBe(id);
  });

  it('fits into the databases of Temporal for the longest names that Kubernetes allows, for every kind', () => {
    for (const { kind, group } of KINDS) {
      const id = workflowId({ group, kind, namespace: NAMESPACE, name: NAME });
      expect(id.length).toBeLessThanOrEqual(LIMITS['limit.maxIDLength'][0]?.value ?? 0);
      // Only the name is cut: the ids of two namespaces never meet.
      expect(id).toContain(`${kind}.${group}/${NAMESPACE}/r`);
      expect(id).toMatch(/~[0-9a-f]{16}$/);
    }
  });

  it('differs for names that differ in the part that is cut off, and is always the same for one name', () => {
    const idOf = (name: string): string => workflowId({ group: 'g', kind: 'K', namespace: NAMESPACE, name });
    const names = Array.from({ length: 1_000 }, (_, index) => `${'r'.repeat(245)}${String(index)}`);
    expect(new Set(names.map(idOf)).size).toBe(1_000);
    expect(idOf(NAME)).toBe(idOf(NAME));
  });
});
