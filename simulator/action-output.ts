import type { GeneratedFact } from '../kinds/facts/row.ts';
import { bodyOf, type ArmType } from '../kinds/facts/type-file.ts';
import { hostOf } from './host-names.ts';
import { asList, asObject, type Json, type JsonObject } from './json.ts';
import { keyFor } from './keys.ts';
import { anyValue, type OwningResource } from './made-up-values.ts';
import type { Facts } from './type-facts.ts';

/** Tests and kinds read no value that is nested more deeply. */
const maxDepth = 6;

/**
 * The output of an action: a value of its output type with made-up values, including the list items that kinds select.
 * Undefined if the type has no such action.
 */
export function actionOutput(facts: Facts, resource: OwningResource, action: string): JsonObject | undefined {
  const name = action.toLowerCase();
  const exported = facts.exports.filter((fact) => fact.child === undefined && fact.post?.toLowerCase() === name);
  const output = facts.outputs.get(name);
  if (output === undefined) return facts.outputs.has(name) || exported.length > 0 ? {} : undefined;
  const body = asObject(fillIn({ facts, resource, path: name, depth: 0 }, output));
  for (const fact of exported) if (fact.list !== undefined) addItem(body, fact, { resource, path: name });
  for (const fact of exported) if (fact.encoding === 'base64') encode(body, fact, resource);
  return body;
}

interface Position {
  readonly facts: Facts;
  readonly resource: OwningResource;
  readonly path: string;
  readonly depth: number;
}

function fillIn(position: Position, type: ArmType): Json {
  const { facts, resource, path, depth } = position;
  if (depth > maxDepth) return {};
  const body = bodyOf(facts.file, type);
  if (body !== undefined) {
    return Object.fromEntries(
      Object.entries(body.properties)
        .filter(([name]) => name !== 'nextLink')
        .map(([name, member]) => [name, fillIn({ ...position, path: `${path}.${name}`, depth: depth + 1 }, member)]),
    );
  }
  if (type.items !== undefined) return [fillIn({ ...position, path: `${path}[0]`, depth: depth + 1 }, type.items)];
  return anyValue(resource, path, type);
}

/**
 * Adds an item that `where` selects, with the properties of the first item in the list. A null in `where` selects an
 * item without that property. Without `where` there is nothing to add.
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

/** Replaces a value by a kubeconfig in base64: no output contains another kind of file. */
function encode(body: JsonObject, { list, path = '' }: GeneratedFact, resource: OwningResource): void {
  const holders = list === undefined ? [body] : asList(body[list]).map(asObject);
  for (const [index, holder] of holders.entries())
    holder[path] = Buffer.from(kubeconfig(resource, `${list ?? ''}[${String(index)}].${path}`)).toString('base64');
}

function kubeconfig(resource: OwningResource, path: string): string {
  const { name, key } = resource;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: `https://${hostOf(resource)}:443` } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
    users: [{ name, user: { token: keyFor(key, path) } }],
  };
  // JSON is YAML.
  return `${JSON.stringify(config, null, 2)}\n`;
}
