import type { ExportSource, JsonObject } from '../contract.ts';
import type { Exportable } from '../facts/exportable.ts';
import type { Row } from '../facts/row.ts';
import type { ArmBody } from '../facts/type-file.ts';
import type { ShapeParts } from '../shape.ts';
import { describeField } from './field-text.ts';
import { ARM_ID_SCHEMA, limits, objectOfSchemas, schemaOf } from './node-schema.ts';

const TEXT: JsonObject = { type: 'string' };
const TEXT_MAP: JsonObject = { additionalProperties: TEXT, type: 'object' };
const METADATA: JsonObject = { annotations: TEXT_MAP, labels: TEXT_MAP };

/**
 * The schema of a spec: the fields for Azure, and `azureName`, `owner` and `operatorSpec`. `described`: whether it has
 * the texts of `kubectl explain`.
 */
export function specSchema({ row, body, node, exportable }: ShapeParts, described = false): JsonObject {
  const own = { ...azureName(row, body), ...owner(row), operatorSpec: operatorSpecSchema(row, exportable, described) };
  const texts = described ? ownTexts(row) : {};
  const required = node.fields.filter((field) => field.required).map((field) => field.name);
  return objectOfSchemas(
    {
      ...asObject(schemaOf(node, described ? describeField : undefined)['properties']),
      ...Object.fromEntries(Object.entries(own).map(([name, schema]) => [name, withText(schema, texts[name])])),
    },
    row.owner === null ? required : [...required, 'owner'],
  );
}

function ownTexts({ azureName: named, owner: of }: Row): Readonly<Record<string, string>> {
  const fallback =
    'default' in named && named.default === 'uuid5' ? 'a UUID made from owner and name' : 'metadata.name';
  const what =
    of === null || of === 'any'
      ? 'resource that it extends, by group, kind and name'
      : `${of.kind} that it is in, by name`;
  return {
    azureName: `Name in Azure; defaults to ${fallback}. Cannot be changed once the resource exists.`,
    azureNameFromConfig: 'Key of a ConfigMap in this namespace that holds azureName. Set either this or azureName.',
    owner: `The ${what} in this namespace or by armId. Cannot be changed once the resource exists.`,
    operatorSpec: 'For the operator itself, not sent: which values it writes to Secrets and ConfigMaps.',
  };
}

function azureName(row: Row, body: ArmBody): Record<string, JsonObject> {
  if ('fixed' in row.azureName) return {};
  const { pattern, minLength, maxLength } = body.properties['name'] ?? {};
  const given = {
    ...(pattern === undefined ? {} : { pattern }),
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
  };
  const named = { azureName: { ...limits(given), type: 'string' } };
  if (row.azureName.fromConfig !== true) return named;
  return { ...named, azureNameFromConfig: objectOfSchemas({ key: TEXT, name: TEXT }, ['key', 'name']) };
}

function owner(row: Row): Record<string, JsonObject> {
  if (row.owner === null) return {};
  const known = { armId: ARM_ID_SCHEMA, name: TEXT };
  return { owner: objectOfSchemas(row.owner === 'any' ? { ...known, group: TEXT, kind: TEXT } : known, []) };
}

function operatorSpecSchema(row: Row, { secrets, configMaps }: Exportable, described: boolean): JsonObject {
  const expression = objectOfSchemas({ ...METADATA, key: TEXT, name: TEXT, value: TEXT }, ['name', 'value']);
  const expressions = (text: string): JsonObject =>
    withText({ items: expression, type: 'array' }, described ? text : undefined);
  const destination = objectOfSchemas({ ...METADATA, key: TEXT, name: TEXT }, ['key', 'name']);
  const destinations = (sources: ReadonlyMap<string, ExportSource>, to: string): JsonObject =>
    objectOfSchemas(
      Object.fromEntries(
        [...sources].map(([name, source]) => [
          name,
          withText(destination, described ? sourceText(source, to) : undefined),
        ]),
      ),
      [],
    );
  const extra = Object.entries(row.operatorSpecExtra ?? {}).map(([name, values]) => [
    name,
    { enum: [...values].sort(), type: 'string' },
  ]);
  return objectOfSchemas(
    {
      configMapExpressions: expressions('CEL expressions over self, this resource; their values go to ConfigMaps.'),
      secretExpressions: expressions('CEL expressions over self and secret, by name; their values go to Secrets.'),
      ...(configMaps.size > 0 ? { configMaps: destinations(configMaps, 'ConfigMap') } : {}),
      ...(secrets.size > 0 ? { secrets: destinations(secrets, 'Secret') } : {}),
      ...(Object.fromEntries(extra) as JsonObject),
    },
    [],
  );
}

function sourceText(source: ExportSource, to: string): string {
  const from = source.from === 'id' ? 'the id' : source.from === 'action' ? source.action : source.path;
  return `${to} and key that it is written to; from ${from}.`;
}

function withText(schema: JsonObject, description: string | undefined): JsonObject {
  return description === undefined ? schema : { description, ...schema };
}

function asObject(value: unknown): JsonObject {
  return (value ?? {}) as JsonObject;
}
