import { STORAGE_VERSION, type JsonObject } from '../contract.ts';
import { GENERIC_KIND } from '../generic/generic-kind.ts';

const NAME = 'azure-temporal-operator';
const RESOURCE_ID = 'serviceoperator.azure.com/resource-id';
const RECONCILE_POLICY = 'serviceoperator.azure.com/reconcile-policy';
const IS_OTHER_KIND = `object.kind != '${GENERIC_KIND.kind}'`;
/** `STORED_STATE` of contract/stored-state.ts. */
const STORED_STATE = 'azureTemporalOperator';
/** `refused` in the stored state: Azure has refused every PUT so far, so nothing exists under the old name. */
const REFUSED = `oldObject.?status.?${STORED_STATE}.?refused.orValue(false)`;
/** The annotations that only the operator writes. A test compares them with `writer` in kube/annotations.ts. */
const OPERATOR_ANNOTATIONS = [RESOURCE_ID];
/**
 * Who may write what belongs to the operator: whoever has this right for the whole cluster (ADR 11). The names of
 * users and ServiceAccounts are the administrator's, so no rule depends on them. The check names no namespace, so a
 * Role with all rights, or `cluster-admin` bound in one namespace, is not enough.
 */
const RIGHT = { group: 'azure-temporal-operator.io', resource: 'operatorstate', verb: 'write' } as const;
const RIGHT_TEXT = `${RIGHT.verb} on ${RIGHT.resource}.${RIGHT.group}`;

/**
 * The rules that a schema cannot express: ValidatingAdmissionPolicies for all API groups of the CRDs, with their
 * bindings. A rule asks for the requester's rights only after it has seen a change that needs them: the usual request
 * costs no authorization. `/status` has a policy of its own, because the operator writes it several times in each
 * reconcile, and all the other rules cost time there for nothing.
 */
export function policiesOf(groups: readonly string[]): JsonObject[] {
  const apiGroups = [...new Set(groups)].sort();
  const status = { name: `${NAME}-status`, apiGroups, resources: ['*/status'], operations: ['UPDATE'] };
  return [
    ...bound({ name: NAME, apiGroups, resources: ['*'], operations: ['CREATE', 'UPDATE'], ...rulesOfResources() }),
    ...bound({ ...status, validations: [storedStateOfOperator()], variables: [IS_OPERATOR] }),
  ];
}

interface Policy {
  readonly name: string;
  readonly apiGroups: string[];
  /** `*` alone leaves out subresources. */
  readonly resources: string[];
  readonly operations: string[];
  readonly validations: JsonObject[];
  /** Each is evaluated at most once in a request, when a validation first uses it. */
  readonly variables: JsonObject[];
}

function bound({ name, apiGroups, resources, operations, validations, variables }: Policy): JsonObject[] {
  const policy: JsonObject = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [{ apiGroups, apiVersions: ['*'], operations, resources }] },
      validations,
      variables,
    },
  };
  const binding: JsonObject = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  };
  return [policy, binding];
}

const IS_OPERATOR: JsonObject = {
  name: 'isOperator',
  expression: `authorizer.group('${RIGHT.group}').resource('${RIGHT.resource}').check('${RIGHT.verb}').allowed()`,
};

function rulesOfResources(): Pick<Policy, 'validations' | 'variables'> {
  return {
    validations: [
      ...OPERATOR_ANNOTATIONS.map(annotationOfOperator),
      storageVersionOfOperator(),
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
      IS_OPERATOR,
      { name: 'annotations', expression: 'object.metadata.?annotations.orValue({})' },
      // Null at a creation.
      { name: 'oldAnnotations', expression: 'oldObject.?metadata.?annotations.orValue({})' },
      { name: 'secrets', expression: destinations('secrets') },
      { name: 'configMaps', expression: destinations('configMaps') },
      {
        // The operator has claimed the resource, and Azure has not refused every PUT.
        name: 'mayBeInAzure',
        expression: `request.operation == 'UPDATE' && '${RESOURCE_ID}' in variables.oldAnnotations && !(${REFUSED}) && has(object.spec) && has(oldObject.spec)`,
      },
    ],
  };
}

function annotationOfOperator(name: string): JsonObject {
  const message =
    `metadata.annotations: ${name} is written by the operator only. In a new resource leave it out: the operator computes the ARM id from name and owner, and takes over what Azure has under it. ` +
    'In an existing resource leave it as it is (kubectl apply does, kubectl replace without it does not). ' +
    `To restore a backup as it was, use an identity that has the cluster-wide right ${RIGHT_TEXT}, as cluster administrators have`;
  return {
    expression: `variables.annotations[?'${name}'] == variables.oldAnnotations[?'${name}'] || variables.isOperator`,
    message,
    reason: 'Forbidden',
  };
}

/** At a creation, and in a write of anything but `/status`, the API server itself ignores the status. */
function storedStateOfOperator(): JsonObject {
  const of = (object: string): string => `${object}.?status.?${STORED_STATE}.orValue({})`;
  return {
    expression: `${of('object')} == ${of('oldObject')} || variables.isOperator`,
    message: `status.${STORED_STATE} is the operator's stored state: what Azure has accepted. Only the operator writes it, so leave it as it is. To reconcile again, set the annotation azure-temporal-operator.io/reconcile-requested-at to a new value. To restore a status as it was, use an identity that has the cluster-wide right ${RIGHT_TEXT}`,
    reason: 'Forbidden',
  };
}

/**
 * The storage version accepts every field, so it is for the operator. The garbage collector addresses owners at the
 * version of the owner references, which is this one: it may change finalizers and owner references.
 */
function storageVersionOfOperator(): JsonObject {
  const isSame = (field: string): string => `object.${field}.orValue({}) == oldObject.${field}.orValue({})`;
  const isHarmless = [
    "request.operation == 'UPDATE'",
    isSame('?spec'),
    isSame('?metadata.?labels'),
    'variables.annotations == variables.oldAnnotations',
  ].join(' && ');
  return {
    expression: `request.requestResource.version != '${STORAGE_VERSION}' || (${isHarmless}) || variables.isOperator`,
    message: `${STORAGE_VERSION} is the version in which resources are stored: its fields are not checked, so only the operator writes it. Use an apiVersion of docs/kinds.md for this kind instead; reading ${STORAGE_VERSION} is fine. To restore a backup that was taken at ${STORAGE_VERSION}, use an identity that has the cluster-wide right ${RIGHT_TEXT}`,
    reason: 'Forbidden',
  };
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
