import type { GeneratedFact } from '../kinds/facts/row.ts';
import { bodyOf, type ArmType } from '../kinds/facts/type-file.ts';
import { asList, asObject, type Json, type JsonObject } from './json.ts';
import { certain, type Whose } from './plausible.ts';
import type { Facts } from './type-facts.ts';

/** Deeper than this, an output has nothing that anybody reads. */
const maxDepth = 6;

/** What an action answers: its output type filled, with the list items that kinds look for. Undefined when the type has no such action. */
export function actionOutput(facts: Facts, whose: Whose, action: string): JsonObject | undefined {
  const name = action.toLowerCase();
  const asked = facts.exports.filter((fact) => fact.child === undefined && fact.post?.toLowerCase() === name);
  const output = facts.outputs.get(name);
  if (output === undefined) return facts.outputs.has(name) || asked.length > 0 ? {} : undefined;
  const body = asObject(filled({ facts, whose, path: name, depth: 0 }, output));
  for (const fact of asked) if (fact.list !== undefined) addItem(body, fact, { whose, path: name });
  for (const fact of asked) if (fact.encoding === 'base64') encode(body, fact);
  return body;
}

interface Place {
  readonly facts: Facts;
  readonly whose: Whose;
  readonly path: string;
  readonly depth: number;
}

function filled(place: Place, type: ArmType): Json {
  const { facts, whose, path, depth } = place;
  if (depth > maxDepth) return {};
  const body = bodyOf(facts.file, type);
  if (body !== undefined) {
    return Object.fromEntries(
      Object.entries(body.properties)
        .filter(([name]) => name !== 'nextLink')
        .map(([name, member]) => [name, filled({ ...place, path: `${path}.${name}`, depth: depth + 1 }, member)]),
    );
  }
  if (type.items !== undefined) return [filled({ ...place, path: `${path}[0]`, depth: depth + 1 }, type.items)];
  return certain(whose, path, type);
}

/** An item for `where`, made like the one that is there; a first one for nobody (`where` with null: without that property). */
function addItem(
  body: JsonObject,
  { list = '', where }: GeneratedFact,
  { whose, path }: Pick<Place, 'whose' | 'path'>,
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
      typeof value === 'string' ? certain(whose, `${path}[${wanted.join()}].${name}`, { type: 'string' }) : value;
  for (const [name, value] of Object.entries(where)) {
    if (value === null) delete item[name];
    else item[name] = value;
  }
  holder[last] = [...items, item];
}

function matches(item: JsonObject, where: Readonly<Record<string, Json>>): boolean {
  return Object.entries(where).every(([name, value]) => (item[name] ?? null) === value);
}

/** Some outputs are base64 of a file; a kubeconfig, say. */
function encode(body: JsonObject, { list, path = '' }: GeneratedFact): void {
  const holders = list === undefined ? [body] : asList(body[list]).map(asObject);
  for (const holder of holders) {
    const text = `apiVersion: v1\nkind: Config\n# ${String(holder[path])}\n`;
    holder[path] = Buffer.from(text).toString('base64');
  }
}
