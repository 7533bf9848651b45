import type { JsonObject } from '../contract.ts';
import { GENERIC_KIND } from '../generic/generic-kind.ts';

const NAME = 'azure-temporal-operator';
const RESOURCE_ID = 'serviceoperator.azure.com/resource-id';
const RECONCILE_POLICY = 'serviceoperator.azure.com/reconcile-policy';
const IS_OTHER_KIND = `object.kind != '${GENERIC_KIND.kind}'`;
/**
 * `refused` in the stored state (`contract/stored-state.ts`): Azure has refused every PUT so far, so nothing exists
 * under the old name.
 */
const REFUSED = 'oldObject.?status.?azureTemporalOperator.?refused.orValue(false)';

/**
 * The rules that a schema cannot express: one ValidatingAdmissionPolicy for all API groups of the CRDs, and its
 * binding.
 */
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
        fixedOnceInAzure(
          'azureName',
          'object.spec.?azureName.orValue(object.metadata.name) == oldObject.spec.?azureName.orValue(oldObject.metadata.name)',
        ),
        fixedOnceInAzure('owner', 'object.spec.?owner.orValue({}) == oldObject.spec.?owner.orValue({})'),
        // In a GenericResource these fields determine the ARM id; in other kinds they have other meanings.
        ...['type', 'scope'].map((field) => fixedOnceInAzure(field, `${IS_OTHER_KIND} || ${isUnchanged(field)}`)),
      ],
      variables: [
        { name: 'secrets', expression: destinations('secrets') },
        { name: 'configMaps', expression: destinations('configMaps') },
        {
          // The operator has claimed the resource, and Azure has not refused every PUT.
          name: 'mayBeInAzure',
          expression: `request.operation == 'UPDATE' && '${RESOURCE_ID}' in oldObject.metadata.?annotations.orValue({}) && !(${REFUSED}) && has(object.spec) && has(oldObject.spec)`,
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

function isUnchanged(field: string): string {
  return `object.spec.?${field}.orValue('') == oldObject.spec.?${field}.orValue('')`;
}

function fixedOnceInAzure(field: string, isSame: string): JsonObject {
  const message =
    `spec.${field} cannot be changed once Azure has the resource, or may have it. Create another resource with the ${field} that you want, and delete this one: ` +
    `that also deletes its Azure resource, unless you first set the annotation ${RECONCILE_POLICY} to detach-on-delete`;
  return { expression: `!variables.mayBeInAzure || (${isSame})`, message, reason: 'Invalid' };
}
