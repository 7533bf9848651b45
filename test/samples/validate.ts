import { asObject, type Json, type JsonObject } from '../../simulator/json.ts';

/** What of a value its CRD schema refuses, each with its path; unknown fields too, as `kubectl apply --validate=strict` has it. */
export function violations(schema: JsonObject, value: Json, path = 'spec'): string[] {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true && schema['type'] === undefined) return [];
  const type = typeOf(value);
  const wanted = schema['type'];
  if (wanted !== type && !(wanted === 'number' && type === 'integer'))
    return [`${path}: is ${type}, must be ${String(wanted)}`];
  const options = schema['enum'];
  if (Array.isArray(options) && !options.includes(value)) return [`${path}: must be one of ${options.join(', ')}`];
  if (typeof value === 'string') return ofString(schema, value, path);
  if (typeof value === 'number') return outside(schema, value, 'imum', path);
  if (Array.isArray(value))
    return [
      ...outside(schema, value.length, 'Items', path),
      ...value.flatMap((item, index) => violations(asObject(schema['items']), item, `${path}[${String(index)}]`)),
    ];
  return typeof value === 'object' && value !== null ? ofObject(schema, value, path) : [];
}

function ofString(schema: JsonObject, value: string, path: string): string[] {
  const { pattern } = schema;
  const wrong = typeof pattern === 'string' && !regexOf(pattern).test(value) ? [`${path}: does not match ${pattern}`] : [];
  return [...wrong, ...outside(schema, value.length, 'Length', path)];
}

function ofObject(schema: JsonObject, value: JsonObject, path: string): string[] {
  const properties = asObject(schema['properties']);
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const missing = required.filter((name) => typeof name === 'string' && value[name] === undefined);
  const { additionalProperties: free } = schema;
  return [
    ...missing.map((name) => `${path}.${String(name)}: is required`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const known = properties[name] ?? free;
      if (known !== undefined && known !== true) return violations(asObject(known), member, `${path}.${name}`);
      return known === true || schema['x-kubernetes-preserve-unknown-fields'] === true
        ? []
        : [`${path}.${name}: is not a field`];
    }),
  ];
}

function outside(schema: JsonObject, size: number, what: 'imum' | 'Items' | 'Length', path: string): string[] {
  const least = schema[`min${what}`];
  const most = schema[`max${what}`];
  return [
    ...(typeof least === 'number' && size < least ? [`${path}: ${String(size)} is below ${String(least)}`] : []),
    ...(typeof most === 'number' && size > most ? [`${path}: ${String(size)} is above ${String(most)}`] : []),
  ];
}

/** RE2 takes flags inside the pattern, JavaScript does not. */
function regexOf(pattern: string): RegExp {
  return pattern.startsWith('(?i)') ? new RegExp(pattern.slice(4), 'i') : new RegExp(pattern);
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
