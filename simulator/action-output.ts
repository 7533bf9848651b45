import type { GeneratedFact } from '../kinds/facts/row.ts';
import { bodyOf, type ArmType } from '../kinds/facts/type-file.ts';
import { asList, asObject, type Json, type JsonObject } from './json.ts';
import { anyValue, type OwningResource } from './made-up-values.ts';
import type { Facts } from './type-facts.ts';

/** Nothing reads an output deeper than this. */
const maxDepth = 6;

/**
 * The output of an action: its output type with made-up values, and the list items that kinds look for. Undefined where
 * the type has no such action.
 */
export function actionOutput(facts: Facts, resource: OwningResource, action: string): JsonObject | undefined {
  const name = action.toLowerCase();
  const asked = facts.exports.filter((fact) => fact.child === undefined && fact.post?.toLowerCase() === name);
  const output = facts.outputs.get(name);
  if (output === undefined) return facts.outputs.has(name) || asked.length > 0 ? {} : undefined;
  const body = asObject(fillIn({ facts, resource, path: name, depth: 0 }, output));
  for (const fact of asked) if (fact.list !== undefined) addItem(body, fact, { resource, path: name });
  for (const fact of asked) if (fact.encoding === 'base64') encode(body, fact);
  return body;
}

interface Position {
  readonly facts: Facts;
  readonly resource: OwningResource;
  readonly path: string;
  readonly depth: number;
}

function fillIn(place: Position, type: ArmType): Json {
  const { facts, resource, path, depth } = place;
  if (depth > maxDepth) return {};
  const body = bodyOf(facts.file, type);
  if (body !== undefined) {
    return Object.fromEntries(
      Object.entries(body.properties)
        .filter(([name]) => name !== 'nextLink')
        .map(([name, member]) => [name, fillIn({ ...place, path: `${path}.${name}`, depth: depth + 1 }, member)]),
    );
  }
  if (type.items !== undefined) return [fillIn({ ...place, path: `${path}[0]`, depth: depth + 1 }, type.items)];
  return anyValue(resource, path, type);
}

/**
 * Adds an item that `where` matches, made like the first one in the list (`where` with null: without that property).
 * Without `where` there is nothing to add.
 */
function addItem(
  body: JsonObject,
  { list = '', where }: GeneratedFact,
  { resource, path }: Pick<Position, 'resource' | 'path'>,
): void {
  const steps = list.split('.');
  const last = steps.pop() ?? '';
  const holder = steps.reduce<JsonObject>((at, step) => asObject(at[step]), body);
  const items = asList(holder[last]);
  if (where === undefined || items.some((item) => matches(asObject(item), where))) return;
  const wanted = Object.entries(where).map(([name, value]) => `${name}=${String(value)}`);
  const item: JsonObject = {};
  for (const [name, value] of Object.entries(asObject(items[0])))
    item[name] =
      typeof value === 'string' ? anyValue(resource, `${path}[${wanted.join()}].${name}`, { type: 'string' }) : value;
  for (const [name, value] of Object.entries(where)) {
    if (value === null) delete item[name];
    else item[name] = value;
  }
  holder[last] = [...items, item];
}

function matches(item: JsonObject, where: Readonly<Record<string, Json>>): boolean {
  return Object.entries(where).every(([name, value]) => (item[name] ?? null) === value);
}

/** Some outputs are a file in base64, such as a kubeconfig. */
function encode(body: JsonObject, { list, path = '' }: GeneratedFact): void {
  const holders = list === undefined ? [body] : asList(body[list]).map(asObject);
  for (const holder of holders) {
    const text = `apiVersion: v1\nkind: Config\n# ${String(holder[path])}\n`;
    holder[path] = Buffer.from(text).toString('base64');
  }
}
