import { bodyOf, type ArmBody, type ArmType } from '../kinds/facts/type-file.ts';
import { asObject, asString, guidOf, type Json, type JsonObject } from './json.ts';
import { certain, plausible, type Whose } from './plausible.ts';
import type { Facts } from './type-facts.ts';

/** What a GET shows of what was sent: secrets withheld, and what only Azure sets filled in. */
export function answerBody(facts: Facts, whose: Whose, sent: JsonObject): JsonObject {
  const shown = withheld(facts, facts.body, sent);
  const filled = withReadOnly(facts, whose, { body: facts.body, value: shown, path: '' });
  const body = withIdentity(whose, filled);
  for (const { status } of facts.exports) if (status !== undefined) ensure(facts, whose, body, status.split('.'));
  return body;
}

/** Without secrets and what is only ever sent. */
function withheld(facts: Facts, body: ArmBody, value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]): [string, Json][] => {
      const type = propertyOf(facts, body, value, name);
      if (type === undefined) return [[name, member]];
      if (type.secret === true || type.writeOnly === true || bodyOf(facts.file, type)?.secret === true) return [];
      return [[name, withheldMember(facts, type, member)]];
    }),
  );
}

function withheldMember(facts: Facts, type: ArmType, member: Json): Json {
  if (Array.isArray(member))
    return type.items === undefined ? member : member.map((item) => withheldMember(facts, type.items ?? {}, item));
  if (typeof member !== 'object' || member === null) return member;
  const body = bodyOf(facts.file, type);
  if (body !== undefined) return withheld(facts, body, member);
  const values = type.values;
  if (values === undefined) return member;
  return Object.fromEntries(Object.entries(member).map(([key, item]) => [key, withheldMember(facts, values, item)]));
}

/** Read-only values whose names say what they are, wherever the object that holds them is there. */
function withReadOnly(
  facts: Facts,
  whose: Whose,
  { body, value, path }: { body: ArmBody; value: JsonObject; path: string },
): JsonObject {
  const result: JsonObject = { ...value };
  for (const [name, type] of propertiesOf(facts, body, value)) {
    const here = path === '' ? name : `${path}.${name}`;
    const present = result[name];
    const inner = bodyOf(facts.file, type);
    if (inner !== undefined && (present !== undefined || here === 'properties')) {
      result[name] = withReadOnly(facts, whose, { body: inner, value: asObject(present), path: here });
    } else if (present === undefined && type.readOnly === true && type.secret !== true && path !== '') {
      const made = plausible(whose, here, type);
      if (made !== undefined) result[name] = made;
    }
  }
  return result;
}

/** The identities that Azure makes for what `identity` asks for. */
function withIdentity(whose: Whose, body: JsonObject): JsonObject {
  const { identity } = body;
  if (identity === undefined) return body;
  const asked = asObject(identity);
  const system = asString(asked['type']).toLowerCase().includes('systemassigned');
  const tenantId = guidOf(`tenant of ${whose.subscription}`);
  const users = Object.keys(asObject(asked['userAssignedIdentities'])).map((id): [string, JsonObject] => {
    const key = id.toLowerCase();
    return [id, { principalId: guidOf(`principal ${key}`), clientId: guidOf(`client ${key}`) }];
  });
  return {
    ...body,
    identity: {
      ...asked,
      ...(system ? { principalId: guidOf(`principal ${whose.key}`), tenantId } : {}),
      ...(users.length > 0 ? { userAssignedIdentities: Object.fromEntries(users) } : {}),
    },
  };
}

/** Makes sure that there is a value at a path that kinds export, in objects and list items made for it. */
function ensure(facts: Facts, whose: Whose, body: JsonObject, steps: readonly string[]): void {
  let at: JsonObject = body;
  let type: ArmBody | undefined = facts.body;
  for (const [index, step] of steps.entries()) {
    const name = step.replace(/\[\d+\]$/, '');
    const property: ArmType | undefined = type && propertyOf(facts, type, at, name);
    // Not a path of this api-version, or an identity that nobody asked for.
    if (property === undefined || (name === 'identity' && at[name] === undefined)) return;
    if (index === steps.length - 1) {
      at[name] ??= certain(whose, steps.join('.'), property);
      return;
    }
    const next = asObject(at[name]);
    at[name] = next;
    at = next;
    type = bodyOf(facts.file, property);
  }
}

function propertyOf(facts: Facts, body: ArmBody, value: JsonObject, name: string): ArmType | undefined {
  return propertiesOf(facts, body, value).find(([known]) => known === name)?.[1] ?? body.values;
}

/** The body's properties, with those of the variant that the value is. */
function propertiesOf(facts: Facts, body: ArmBody, value: JsonObject): [string, ArmType][] {
  const own = Object.entries(body.properties);
  if (body.discriminator === undefined) return own;
  const variant = body.variants?.[asString(value[body.discriminator])];
  const inner = variant === undefined ? undefined : bodyOf(facts.file, variant);
  return inner === undefined ? own : [...Object.entries(inner.properties), ...own];
}
