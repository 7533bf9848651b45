import { STORAGE_VERSION, type JsonObject, type Kind } from '../contract.ts';
import type { FullShape } from '../shape.ts';

const ANYTHING: JsonObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const CONDITION: JsonObject = {
  properties: {
    lastTransitionTime: { format: 'date-time', type: 'string' },
    message: { type: 'string' },
    observedGeneration: { format: 'int64', type: 'integer' },
    reason: { type: 'string' },
    severity: { type: 'string' },
    status: { type: 'string' },
    type: { type: 'string' },
  },
  required: ['lastTransitionTime', 'reason', 'status', 'type'],
  type: 'object',
};

const STATUS: JsonObject = {
  ...ANYTHING,
  properties: {
    conditions: {
      items: CONDITION,
      type: 'array',
      'x-kubernetes-list-map-keys': ['type'],
      'x-kubernetes-list-type': 'map',
    },
  },
};

const COLUMNS: JsonObject[] = [
  ['Ready', 'status'],
  ['Severity', 'severity'],
  ['Reason', 'reason'],
  ['Message', 'message'],
].map(([name = '', field = '']) => ({
  jsonPath: `.status.conditions[?(@.type=='Ready')].${field}`,
  name,
  type: 'string',
}));

/**
 * The CustomResourceDefinition of a kind: every name of every api-version, and the storage version that keeps all fields. The names of one api-version
 * share one schema, the same object.
 */
export function crdOf(kind: Kind, shapeOf: (apiVersion: string) => FullShape): JsonObject {
  const versions = kind.apiVersions.flatMap((apiVersion) => {
    const schema = schemaOf(shapeOf(apiVersion).specSchema());
    return (kind.served[apiVersion] ?? []).map((name) => version(name, schema, false));
  });
  const [short = kind.group] = kind.group.split('.');
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      conversion: { strategy: 'None' },
      group: kind.group,
      names: {
        categories: ['azure', short],
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
      },
      scope: 'Namespaced',
      versions: [...versions, version(STORAGE_VERSION, schemaOf(ANYTHING), true)],
    },
  };
}

function schemaOf(spec: JsonObject): JsonObject {
  return { openAPIV3Schema: { properties: { spec, status: STATUS }, type: 'object' } };
}

function version(name: string, schema: JsonObject, storage: boolean): JsonObject {
  return {
    additionalPrinterColumns: COLUMNS,
    name,
    schema,
    served: true,
    storage,
    subresources: { status: {} },
  };
}
