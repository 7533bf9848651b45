import { partOfId } from '../arm-id.ts';
import type { JsonObject, Quirk } from '../contract.ts';
import { valueAt, withValueAt } from '../json-path.ts';
import { isObject } from '../json.ts';

const ROLE = 'properties.roleDefinitionId';
const API_VERSION = '2022-04-01';

/**
 * `wellKnownName` is the name of a built-in role in any letter case, or its UUID. Azure expects the ARM id of the role
 * definition in the subscription.
 */
export const roleAssignment: Quirk = {
  reads({ payload, armId }) {
    const role = nameOf(payload);
    if (role === undefined || isUuid(role)) return [];
    const filter = `roleName eq '${role.replaceAll("'", "''")}'`;
    return [{ id: definitionsFor(armId), apiVersion: API_VERSION, filter }];
  },
  beforePut({ payload, armId, answers }) {
    const role = nameOf(payload);
    if (role === undefined) return { type: 'payload', payload };
    const name = isUuid(role) ? role : builtInRole(answers[0], role);
    if (name === undefined) {
      const message = `spec.roleDefinitionReference.wellKnownName is "${role}", which is not a built-in role of Azure; correct the name or set armId`;
      return { type: 'refused', reason: 'ReferenceNotFound', message, fatal: false };
    }
    return { type: 'payload', payload: withValueAt(payload, ROLE, `${definitionsFor(armId)}/${name}`) as JsonObject };
  },
};

/** The name or UUID of the role; undefined if the payload already has an ARM id. */
function nameOf(payload: JsonObject): string | undefined {
  const role = valueAt(payload, ROLE);
  return typeof role === 'string' && !role.startsWith('/') ? role : undefined;
}

function definitionsFor(armId: string): string {
  const subscription = partOfId(armId, 'subscription');
  const scope = subscription === undefined ? '' : `/subscriptions/${subscription}`;
  return `${scope}/providers/Microsoft.Authorization/roleDefinitions`;
}

function builtInRole(answer: JsonObject | undefined, role: string): string | undefined {
  const list = answer?.['value'];
  const found = Array.isArray(list) ? list.find((item) => isBuiltIn(item, role)) : undefined;
  const name = isObject(found) ? found['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function isBuiltIn(item: JsonObject[string], role: string): boolean {
  const name = valueAt(item, 'properties.roleName');
  const isNamed = typeof name === 'string' && name.toLowerCase() === role.toLowerCase();
  return isNamed && valueAt(item, 'properties.type') === 'BuiltInRole';
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
