import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { specSchema } from '../../../kinds/generate/spec-schema.ts';
import { withValueAt } from '../../../kinds/json-path.ts';
import { isObject } from '../../../kinds/json.ts';
import { loadKindsWithParts } from '../../../kinds/load.ts';
import { allShapes, type Known } from '../support/all-shapes.ts';
import { fullAnswer, variantsOf } from '../support/full-answer.ts';

const samples = new URL('../../samples/data/', import.meta.url);
const kinds = loadKindsWithParts();
const shapes = new Map(allShapes().map((known) => [known.id, known]));

/** A path after `self.` in an expression of a sample. */
interface Read {
  readonly file: string;
  readonly known: Known;
  readonly path: string;
}

function readsOf(file: string): Read[] {
  return parseAllDocuments(readFileSync(new URL(file, samples), 'utf8')).flatMap((document) => {
    const manifest = document.toJSON() as JsonObject | null;
    const texts = expressionsIn(manifest?.['spec'] ?? null);
    const [group = '', version = ''] = String(manifest?.['apiVersion']).split('/');
    const kind = kinds.find({ group, kind: String(manifest?.['kind']) });
    const known = kind && shapes.get(`${kind.kind}.${kind.group}@${kinds.apiVersionOf(kind, version) ?? ''}`);
    return known === undefined ? [] : texts.flatMap((text) => pathsIn(text).map((path) => ({ file, known, path })));
  });
}

/** The expressions of `operatorSpec`: their values, annotations and labels. */
function expressionsIn(spec: Json): string[] {
  const operator = isObject(spec) && isObject(spec['operatorSpec']) ? spec['operatorSpec'] : {};
  const lists = [operator['configMapExpressions'] ?? [], operator['secretExpressions'] ?? []];
  return lists.flatMap((list) => textsIn(list));
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function pathsIn(expression: string): string[] {
  return [...expression.matchAll(/\bself\.([A-Za-z_][\w.]*)/g)].map((match) => match[1] ?? '');
}

function hasPath(value: Json, names: readonly string[]): boolean {
  const [name, ...rest] = names;
  if (name === undefined) return true;
  if (Array.isArray(value)) return value.some((item) => hasPath(item, names));
  const next = isObject(value) ? value[name] : undefined;
  return next !== undefined && hasPath(next, rest);
}

function schemaHas(schema: Json, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  const properties = isObject(schema) ? (schema['properties'] ?? {}) : {};
  const next = isObject(properties) ? properties[name] : undefined;
  return next !== undefined && schemaHas(next, rest);
}

describe('what expressions of existing users read is there under that name', () => {
  const files = (readdirSync(samples, { recursive: true }) as string[]).filter((file) => file.endsWith('.yaml'));
  const reads = files.flatMap(readsOf);

  it.each(reads.map((read) => ({ ...read, id: read.known.id })))('$file: self.$path', ({ known, path }) => {
    const [top, ...names] = path.split('.');
    expect(['metadata', 'spec', 'status']).toContain(top);
    if (top === 'spec') expect(schemaHas(specSchema(known.shape), names)).toBe(true);
    // A placeholder for the password, as MongoCluster has it, so that a connection string is shown.
    if (top === 'status') expect(answersOf(known).some((status) => hasPath(status, names))).toBe(true);
  });

  it('covers the samples that have expressions', () => {
    expect(reads.length).toBeGreaterThan(8);
  });
});

/** The status of an answer with every property: one for each variant. */
function answersOf(known: Known): JsonObject[] {
  return Array.from({ length: variantsOf(known) }, (_, variant) => {
    const { answer } = fullAnswer(known, variant);
    const shown = JSON.parse(
      JSON.stringify(answer).replaceAll(/"leaf-\d+-"/g, '"mongodb://u:<password>@h"'),
    ) as JsonObject;
    return known.shape.status({ ...shown, id: '/an/id', name: 'n', type: 'A.B/c' });
  });
}

describe('what a kind exports from an answer to a ConfigMap is in its status, too', () => {
  const exported = [...shapes.values()].flatMap((known) =>
    [...known.shape.exportable.configMaps.values()].flatMap((source) =>
      source.from === 'answer' && source.list === undefined && source.follow === undefined
        ? [{ known, path: source.path }]
        : [],
    ),
  );

  it('for every kind at every api-version', () => {
    expect(exported.length).toBeGreaterThan(70);
    const missing = exported.filter(({ known, path }) => !isShown(known, path));
    expect(missing.map(({ known, path }) => `${known.id} ${path}`)).toEqual([]);
  });
});

function isShown(known: Known, path: string): boolean {
  const answer = withValueAt({}, path, 'the-exported-value') as JsonObject;
  return JSON.stringify(known.shape.status(answer)).includes('the-exported-value');
}
