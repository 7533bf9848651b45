import type { JsonObject } from './contract.ts';
import type { Generated } from './generated.ts';
import type { ObjectNode } from './node.ts';
import type { Row } from './row.ts';
import { ARM_ID_SCHEMA, limits, objectOfSchemas, schemaOf } from './schema.ts';
import type { ArmBody } from './type-file.ts';

const TEXT: JsonObject = { type: 'string' };
const TEXT_MAP: JsonObject = { additionalProperties: TEXT, type: 'object' };
const METADATA: JsonObject = { annotations: TEXT_MAP, labels: TEXT_MAP };

/** The schema of a spec: what Azure takes, and our own `azureName`, `owner` and `operatorSpec`. */
export function specSchema(input: { row: Row; body: ArmBody; node: ObjectNode; generated: Generated }): JsonObject {
  const { row, body, node, generated } = input;
  const properties = { ...asObject(schemaOf(node)['properties']), operatorSpec: operatorSpecSchema(row, generated) };
  const required = node.fields.filter((field) => field.required).map((field) => field.name);
  return objectOfSchemas(
    { ...properties, ...azureName(row, body), ...owner(row) },
    row.owner === null ? required : [...required, 'owner'],
  );
}

function azureName(row: Row, body: ArmBody): JsonObject {
  if ('fixed' in row.azureName) return {};
  const { pattern, minLength, maxLength } = body.properties['name'] ?? {};
  const given = {
    ...(pattern === undefined ? {} : { pattern }),
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
  };
  const named: JsonObject = { azureName: { ...limits(given), type: 'string' } };
  if (row.azureName.fromConfig !== true) return named;
  return { ...named, azureNameFromConfig: objectOfSchemas({ key: TEXT, name: TEXT }, ['key', 'name']) };
}

function owner(row: Row): JsonObject {
  if (row.owner === null) return {};
  const known = { armId: ARM_ID_SCHEMA, name: TEXT };
  return { owner: objectOfSchemas(row.owner === 'any' ? { ...known, group: TEXT, kind: TEXT } : known, []) };
}

function operatorSpecSchema(row: Row, { secrets, configMaps }: Generated): JsonObject {
  const expression = objectOfSchemas({ ...METADATA, key: TEXT, name: TEXT, value: TEXT }, ['name', 'value']);
  const expressions: JsonObject = { items: expression, type: 'array' };
  const destination = objectOfSchemas({ ...METADATA, key: TEXT, name: TEXT }, ['key', 'name']);
  const destinations = (names: Iterable<string>): JsonObject =>
    objectOfSchemas(Object.fromEntries([...names].map((name) => [name, destination])), []);
  const extra = Object.entries(row.operatorSpecExtra ?? {}).map(([name, values]) => [
    name,
    { enum: [...values].sort(), type: 'string' },
  ]);
  return objectOfSchemas(
    {
      configMapExpressions: expressions,
      secretExpressions: expressions,
      ...(configMaps.size > 0 ? { configMaps: destinations(configMaps.keys()) } : {}),
      ...(secrets.size > 0 ? { secrets: destinations(secrets.keys()) } : {}),
      ...(Object.fromEntries(extra) as JsonObject),
    },
    [],
  );
}

function asObject(value: unknown): JsonObject {
  return (value ?? {}) as JsonObject;
}
