import { describe, expect, it } from '@jest/globals';

import { STORAGE_VERSION } from '../../../kinds/contract.ts';
import { bodyOf, type ArmType } from '../../../kinds/facts/type-file.ts';
import { loadKinds } from '../../../kinds/load.ts';
import { schemaOf } from '../../../kinds/generate/node-schema.ts';
import { buildNodes } from '../../../kinds/mapping/build-nodes.ts';
import type { Field, Node } from '../../../kinds/mapping/node.ts';
import { allShapes, type Known } from '../support/all-shapes.ts';

/** A field of a spec, wherever it is: the path as kinds.json writes it, and the type at that path. */
interface Found {
  readonly id: string;
  readonly known: Known;
  readonly field: Field;
  readonly path: string;
  readonly type: ArmType | undefined;
}

const shapes = allShapes();
const found = shapes.flatMap((known) => fieldsIn(known, known.node, { path: '', type: undefined }));

/** The rules of ASO that its handed-out shapes show too seldom, for every kind at every api-version. */
describe('specs follow the rules of ASO for every kind', () => {
  it('keep `properties` where it has variants, required where Azure requires it', () => {
    const discriminated = shapes.filter(({ file, body }) => {
      const type = body.properties['properties'];
      return type !== undefined && bodyOf(file, type)?.variants !== undefined;
    });
    expect(discriminated.length).toBeGreaterThanOrEqual(6);
    const wrong = discriminated.filter(({ node, body }) => {
      const kept = node.fields.find(({ name }) => name === 'properties');
      return kept?.required !== (body.properties['properties']?.required === true);
    });
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  it('never move a variant up: each stands in the object that it is a variant of', () => {
    const variants = found.filter(({ field }) => field.when);
    expect(variants.length).toBeGreaterThan(150);
    expect(variants.filter(({ field }) => field.wire.length > 0).map(({ id, path }) => `${id} ${path}`)).toEqual([]);
  });

  it('name references with a lower-case letter first', () => {
    const references = found.filter(({ field }) => isReference(field.node));
    expect(references.length).toBeGreaterThan(900);
    expect(references.filter(({ field }) => !/^[a-z]/.test(field.name)).map(where)).toEqual([]);
  });

  it('have no limits on a list of references', () => {
    const lists = found.filter(({ field: { node } }) => node.type === 'array' && node.items.type === 'reference');
    expect(lists.length).toBeGreaterThan(20);
    const limited = lists.filter(({ field }) => Object.keys(schemaOf(field.node)).sort().join() !== 'items,type');
    expect(limited.map(where)).toEqual([]);
  });

  it('read a secret of unknown type from one key, a map or what the row calls one from a whole Secret', () => {
    const secrets = found.filter(({ field: { node } }) => node.type === 'secret' || node.type === 'secretMap');
    expect(secrets.length).toBeGreaterThan(250);
    const wrong = secrets.filter(({ known, field, path, type }) => {
      const isMap = known.facts.at('secretInputs', path)?.map === true || !isOneValue(type);
      return (field.node.type === 'secretMap') !== isMap;
    });
    expect(wrong.map(where)).toEqual([]);
    expect(secrets.filter(({ type }) => type?.type === 'any').length).toBeGreaterThan(4);
  });
});

describe('every version of every kind, also in groups of two words and with previews only', () => {
  const kinds = loadKinds();
  const all = kinds.all().filter(({ armType }) => armType !== '');

  it('covers both', () => {
    expect(all.filter(({ group }) => group.replace('.azure.com', '').includes('.')).length).toBeGreaterThan(0);
    const previews = all.filter(({ apiVersions }) => apiVersions.every((version) => version.endsWith('-preview')));
    expect(previews.length).toBeGreaterThan(0);
  });

  it.each(all.map((kind) => ({ ...kind, label: `${kind.kind}.${kind.group}` })))('$label', (kind) => {
    expect(kinds.find(kind)?.plural).toBe(kind.plural);
    for (const apiVersion of kind.apiVersions) {
      const names = kind.served[apiVersion]!;
      expect(names.length).toBeGreaterThan(0);
      expect(names).not.toContain(STORAGE_VERSION);
      expect(new Set(names.map((name) => kinds.apiVersionOf(kind, name)))).toEqual(new Set([apiVersion]));
    }
    expect(kinds.shapeFor(kind, { versionName: undefined, spec: {} }).apiVersion).toBe(kind.apiVersions.at(-1));
  });
});

describe('a status', () => {
  it('names each variant after its value', () => {
    const named = shapes.flatMap((known) => {
      const { fields } = buildNodes({ file: known.file, facts: known.facts, side: 'status' }, known.body);
      return fields.flatMap(({ name, when }) => (when ? [[name.toLowerCase(), when.value.toLowerCase()]] : []));
    });
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(([name, value]) => name !== value?.replaceAll(/[^a-z0-9]/g, ''))).toEqual([]);
  });
});

function fieldsIn(known: Known, node: Node, at: { path: string; type: ArmType | undefined }): Found[] {
  const { type } = at;
  const body = at.path === '' ? known.body : type && bodyOf(known.file, type);
  if (node.type === 'array') return fieldsIn(known, node.items, { path: `${at.path}[]`, type: type?.items });
  if (node.type === 'map')
    return fieldsIn(known, node.values, { path: `${at.path}{}`, type: type?.values ?? body?.values });
  if (node.type !== 'object') return [];
  return node.fields.flatMap((field) => {
    const inside = fieldAt(known, field, at);
    const deeper =
      inside.path === '' && !field.when ? [] : fieldsIn(known, field.node, { path: inside.path, type: inside.type });
    return [{ id: known.id, known, field, ...inside }, ...deeper];
  });
}

/** Where the wire path of a field leads: through flattened objects, or into a variant. */
function fieldAt(
  { file, body: root }: Known,
  { wire, when }: Field,
  at: { path: string; type: ArmType | undefined },
): { path: string; type: ArmType | undefined } {
  const bodyAt = (path: string, type: ArmType | undefined) => (path === '' ? root : type && bodyOf(file, type));
  if (when) {
    const type = bodyAt(at.path, at.type)?.variants?.[when.value];
    return { path: `${at.path}<${when.value}>`, type };
  }
  return wire.reduce<{ path: string; type: ArmType | undefined }>(({ path, type }, name) => {
    const plain = path.replace(/<[^>]*>$/, '');
    const next = bodyAt(path, type)?.properties[name] ?? bodyAt(plain, type)?.properties[name];
    return { path: path === '' ? name : `${path}.${name}`, type: next };
  }, at);
}

function isReference(node: Node): boolean {
  if (node.type === 'array') return isReference(node.items);
  return node.type === 'map' ? isReference(node.values) : node.type === 'reference';
}

/** Whether one key of a Secret can be the value. */
function isOneValue(type: ArmType | undefined): boolean {
  return type?.type === 'array' ? isOneValue(type.items) : type?.type === 'string' || type?.type === 'any';
}

function where({ id, path }: Found): string {
  return `${id} ${path}`;
}
