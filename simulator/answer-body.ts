import { bodyOf, type ArmBody, type ArmType } from '../kinds/facts/type-file.ts';
import { asObject, asString, guidOf, type Json, type JsonObject } from './json.ts';
import { anyValue, plausibleValue, type OwningResource } from './made-up-values.ts';
import { withSetValues } from './set-by-azure.ts';
import type { Facts } from './type-facts.ts';

/** The answer of GET for a body that was sent: without secrets, and with values for properties that only Azure sets. */
export function answerBody(facts: Facts, resource: OwningResource, sent: JsonObject): JsonObject {
  const shown = withoutWithheld(facts, facts.body, sent);
  const filled = withReadOnly(facts, resource, { body: facts.body, value: shown, path: '' });
  const body = withSetValues(resource, withIdentity(resource, filled));
  for (const { status } of facts.exports) if (status !== undefined) ensure(facts, resource, body, status.split('.'));
  return body;
}

/** The value without secrets and write-only properties. */
function withoutWithheld(facts: Facts, body: ArmBody, value: JsonObject): JsonObject {
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
  if (body !== undefined) return withoutWithheld(facts, body, member);
  const values = type.values;
  if (values === undefined) return member;
  return Object.fromEntries(Object.entries(member).map(([key, item]) => [key, withheldMember(facts, values, item)]));
}

/** Adds values for those read-only properties whose names say what they contain, in every object of the body. */
function withReadOnly(
  facts: Facts,
  resource: OwningResource,
  { body, value, path }: { body: ArmBody; value: JsonObject; path: string },
): JsonObject {
  const result: JsonObject = { ...value };
  for (const [name, type] of propertiesOf(facts, body, value)) {
    const here = path === '' ? name : `${path}.${name}`;
    const present = result[name];
    const inner = bodyOf(facts.file, type);
    if (inner !== undefined && (present !== undefined || here === 'properties')) {
      result[name] = withReadOnly(facts, resource, { body: inner, value: asObject(present), path: here });
    } else if (present === undefined && type.readOnly === true && type.secret !== true && path !== '') {
      const made = plausibleValue(resource, here, type);
      if (made !== undefined) result[name] = made;
    }
  }
  return result;
}

/** Adds the ids of the identities that `identity` requests. */
function withIdentity(resource: OwningResource, body: JsonObject): JsonObject {
  const { identity } = body;
  if (identity === undefined) return body;
  const requested = asObject(identity);
  const system = asString(requested['type']).toLowerCase().includes('systemassigned');
  const tenantId = guidOf(`tenant of ${resource.subscription}`);
  const users = Object.keys(asObject(requested['userAssignedIdentities'])).map((id): [string, JsonObject] => {
    const key = id.toLowerCase();
    return [id, { principalId: guidOf(`principal ${key}`), clientId: guidOf(`client ${key}`) }];
  });
  return {
    ...body,
    identity: {
      ...requested,
      ...(system ? { principalId: guidOf(`principal ${resource.key}`), tenantId } : {}),
      ...(users.length > 0 ? { userAssignedIdentities: Object.fromEntries(users) } : {}),
    },
  };
}

/** Ensures a value at a path that kinds export, and creates the objects and list items on the way. */
function ensure(facts: Facts, resource: OwningResource, body: JsonObject, steps: readonly string[]): void {
  let at: JsonObject = body;
  let type: ArmBody | undefined = facts.body;
  for (const [index, step] of steps.entries()) {
    const name = step.replace(/\[\d+\]$/, '');
    const property: ArmType | undefined = type && propertyOf(facts, type, at, name);
    // The path does not exist at this api-version, or it is in an identity that was not requested.
    if (property === undefined || (name === 'identity' && at[name] === undefined)) return;
    if (index === steps.length - 1) {
      at[name] ??= anyValue(resource, steps.join('.'), property);
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

/** The properties of the body, with those of the variant that the value names. */
function propertiesOf(facts: Facts, body: ArmBody, value: JsonObject): [string, ArmType][] {
  const own = Object.entries(body.properties);
  if (body.discriminator === undefined) return own;
  const variant = body.variants?.[asString(value[body.discriminator])];
  const inner = variant === undefined ? undefined : bodyOf(facts.file, variant);
  return inner === undefined ? own : [...Object.entries(inner.properties), ...own];
}
