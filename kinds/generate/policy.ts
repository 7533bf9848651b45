import type { JsonObject } from '../contract.ts';

const NAME = 'azure-temporal-operator';
const RESOURCE_ID = 'serviceoperator.azure.com/resource-id';

/** What a schema cannot say, as one ValidatingAdmissionPolicy for all our groups, and its binding. */
export function policyOf(groups: readonly string[]): [policy: JsonObject, binding: JsonObject] {
  const policy: JsonObject = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: NAME },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [...groups].sort(), apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['*'] },
        ],
      },
      validations: [
        oneDestinationEach('secrets', 'Secret'),
        oneDestinationEach('configMaps', 'ConfigMap'),
        unchangedOnceClaimed(
          'object.spec.?azureName.orValue(object.metadata.name) == oldObject.spec.?azureName.orValue(oldObject.metadata.name)',
          'spec.azureName cannot be changed once the resource exists in Azure',
        ),
        unchangedOnceClaimed(
          'object.spec.?owner.orValue({}) == oldObject.spec.?owner.orValue({})',
          'spec.owner cannot be changed once the resource exists in Azure',
        ),
      ],
      variables: [
        { name: 'secrets', expression: destinations('secrets') },
        { name: 'configMaps', expression: destinations('configMaps') },
        {
          name: 'isClaimed',
          expression: `request.operation == 'UPDATE' && '${RESOURCE_ID}' in oldObject.metadata.?annotations.orValue({}) && has(object.spec) && has(oldObject.spec)`,
        },
      ],
    },
  };
  const binding: JsonObject = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: NAME },
    spec: { policyName: NAME, validationActions: ['Deny'] },
  };
  return [policy, binding];
}

function destinations(field: string): string {
  return `object.?spec.?operatorSpec.?${field}.orValue({})`;
}

function oneDestinationEach(field: 'secrets' | 'configMaps', kind: string): JsonObject {
  const all = `variables.${field}`;
  const differs = (name: string): string => `${all}[a].?${name}.orValue('') != ${all}[b].?${name}.orValue('')`;
  return {
    expression: `${all}.all(a, ${all}.all(b, a == b || ${differs('name')} || ${differs('key')}))`,
    message: `spec.operatorSpec.${field}: two values cannot be written to the same key of the same ${kind}`,
    reason: 'Invalid',
  };
}

function unchangedOnceClaimed(expression: string, message: string): JsonObject {
  return { expression: `!variables.isClaimed || (${expression})`, message, reason: 'Invalid' };
}
