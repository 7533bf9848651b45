import fc from 'fast-check';

import type { Json, JsonObject } from '../../kinds/contract.ts';
import { ARM_ID_SCHEMA } from '../../kinds/generate/node-schema.ts';
import { isObject } from '../../kinds/json.ts';

const ARM_ID = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg';

/** A value in which every field of a schema is set, and which the schema accepts. Equal schemas give equal values. */
export function fullValue(schema: JsonObject): Json {
  const counter = { count: 0 };
  return valueOf(schema, counter);
}

function valueOf(schema: JsonObject, counter: { count: number }): Json {
  const { type, properties, items, additionalProperties: values } = schema;
  if (Array.isArray(schema['enum'])) return schema['enum'][0] ?? null;
  switch (type) {
    case undefined:
      return { anything: [{ of: 'any type' }] };
    case 'boolean':
      return true;
    case 'string':
      return textOf(schema, counter);
    case 'array': {
      const least = Math.max(1, Number(schema['minItems'] ?? 1));
      return Array.from({ length: least }, () => valueOf(items as JsonObject, counter));
    }
    case 'object':
      if (isObject(values)) return { 'a.key': valueOf(values, counter) };
      return Object.fromEntries(
        Object.entries(isObject(properties) ? properties : {}).map(([name, inner]) => [
          name,
          valueOf(inner as JsonObject, counter),
        ]),
      );
    default:
      return numberOf(schema);
  }
}

/** With a fraction where one is allowed: another version may demand an integer. */
function numberOf({ type, minimum, maximum }: JsonObject): number {
  const least = typeof minimum === 'number' ? minimum : typeof maximum === 'number' ? Math.min(1, maximum) : 1;
  return type === 'number' && least + 0.5 <= Number(maximum ?? Number.POSITIVE_INFINITY) ? least + 0.5 : least;
}

/** Different each time where the schema allows it: two exports may not have the same destination. */
function textOf({ pattern, minLength, maxLength }: JsonObject, counter: { count: number }): string {
  const least = typeof minLength === 'number' ? minLength : 0;
  const most = typeof maxLength === 'number' ? maxLength : Math.max(least, 40);
  if (pattern === ARM_ID_SCHEMA['pattern']) return ARM_ID;
  if (typeof pattern === 'string') {
    const matching = fc
      .stringMatching(new RegExp(pattern))
      .filter((text) => text.length >= least && text.length <= most && /^[\x20-\x7e]*$/.test(text));
    return fc.sample(matching, { numRuns: 1, seed: 1 })[0] ?? '';
  }
  counter.count += 1;
  return `t${String(counter.count)}`.padEnd(least, 'x').slice(0, most);
}
