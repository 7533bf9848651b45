import { STORAGE_VERSION, type JsonObject, type Kind } from '../contract.ts';
import { newestApiVersion } from '../facts/version-names.ts';
import { withFieldsOfOthers } from './fields-of-others.ts';

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
    observedGeneration: { format: 'int64', type: 'integer' },
  },
  // Until the operator has seen a resource, no generation is observed: without this, Flux takes a resource that has no
  // status yet for Ready.
  default: { observedGeneration: -1 },
};

/**
 * What `kubectl get` shows: ASO's columns and the age. With `-o wide` also since when the condition says so, when it is
 * tried again, the workflow and the ARM id; test/cluster/columns.test.ts holds these to what the operator writes. The
 * next attempt is no date: kubectl shows a date as an age, and one that is to come as `<invalid>`.
 */
const COLUMNS: JsonObject[] = [
  condition('Ready', 'status'),
  condition('Severity', 'severity'),
  condition('Reason', 'reason'),
  condition('Message', 'message'),
  { jsonPath: '.metadata.creationTimestamp', name: 'Age', type: 'date' },
  { ...condition('Since', 'lastTransitionTime'), priority: 1, type: 'date' },
  { jsonPath: '.status.azureTemporalOperator.nextAttempt', name: 'Next Attempt', priority: 1, type: 'string' },
  { jsonPath: '.status.azureTemporalOperator.workflowId', name: 'Workflow', priority: 1, type: 'string' },
  {
    jsonPath: ".metadata.annotations['serviceoperator\\.azure\\.com/resource-id']",
    name: 'Azure Id',
    priority: 1,
    type: 'string',
  },
];

function condition(name: string, field: string): JsonObject {
  return { jsonPath: `.status.conditions[?(@.type=='Ready')].${field}`, name, type: 'string' };
}

/**
 * The CustomResourceDefinition of a kind: all version names of every api-version, each of which keeps the fields of the
 * others, and the storage version, which keeps all fields. The versions of one api-version share one schema object, so
 * that its YAML is written once.
 */
export function crdOf(kind: Kind, specSchemaOf: (apiVersion: string, described: boolean) => JsonObject): JsonObject {
  const described = describedVersions(kind);
  const specs = kind.apiVersions.map((apiVersion) => ({
    apiVersion,
    schema: specSchemaOf(apiVersion, described.has(apiVersion)),
  }));
  const versions = specs.flatMap((own) => {
    const { apiVersion } = own;
    const spec = withFieldsOfOthers(
      own,
      specs.filter((other) => other !== own),
    );
    const schema = schemaOf(spec, descriptionOf(kind, apiVersion));
    return (kind.served[apiVersion] ?? []).map((name) => version(name, schema, false));
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      conversion: { strategy: 'None' },
      group: kind.group,
      names: {
        categories: ['azure', categoryOf(kind.group)],
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
      },
      scope: 'Namespaced',
      versions: [
        ...versions,
        version(
          STORAGE_VERSION,
          schemaOf(
            ANYTHING,
            `${kind.kind} as the operator keeps it: every field of every version. Write one of the other versions.`,
          ),
          true,
        ),
      ],
    },
  };
}

/**
 * The api-versions whose schemas have descriptions. Descriptions cost memory in every API server, so only two versions
 * have them: the newest, and the newest stable one, which kubectl uses by default.
 */
function describedVersions({ apiVersions }: Kind): ReadonlySet<string | undefined> {
  return new Set([apiVersions.toSorted().at(-1), newestApiVersion(apiVersions)]);
}

/** ASO's category of a group: `network.frontdoor.azure.com` -> `networkfrontdoor`. */
function categoryOf(group: string): string {
  return group.replace(/\.azure\.com$/, '').replaceAll('.', '');
}

function descriptionOf({ kind, armType, owner }: Kind, apiVersion: string): string {
  if (armType === '') return `${kind}: a resource of any ARM type at any api-version.`;
  const within = owner === null || owner === 'any' ? '' : `, in ${withArticle(owner.kind)}`;
  return `${kind}${within}: ${armType} at api-version ${apiVersion}.`;
}

/** `an Account`, `a Vault`. `User` begins with a consonant sound. */
function withArticle(kind: string): string {
  return `${/^(?!User)[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

function schemaOf(spec: JsonObject, description: string): JsonObject {
  return { openAPIV3Schema: { description, properties: { spec, status: STATUS }, type: 'object' } };
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
