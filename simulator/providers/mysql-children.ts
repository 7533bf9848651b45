import { asObject, asString, type JsonObject } from '../json.ts';
import type { Call } from '../provider.ts';

/** Names and durations of the operations on one type, and the Retry-After that Azure sends, in seconds. */
export interface ChildRule {
  readonly upsert: string;
  readonly drop: string;
  readonly upsertMs: number;
  readonly dropMs: number;
  readonly upsertRetryAfter: number;
  readonly dropRetryAfter: number;
}

const rules: Readonly<Record<string, ChildRule>> = {
  databases: {
    upsert: 'UpsertServerDatabaseManagementOperation',
    drop: 'DropServerDatabaseManagementOperation',
    upsertMs: 20_000,
    dropMs: 45_000,
    upsertRetryAfter: 15,
    dropRetryAfter: 15,
  },
  firewallrules: {
    upsert: 'UpsertServerFirewallRulesManagementOperation',
    drop: 'DropServerFirewallRulesManagementOperation',
    upsertMs: 70_000,
    dropMs: 65_000,
    upsertRetryAfter: 60,
    dropRetryAfter: 60,
  },
  configurations: {
    upsert: 'UpdateServerParameterManagementOperationV2',
    drop: 'UpdateServerParameterManagementOperationV2',
    upsertMs: 75_000,
    dropMs: 15_000,
    upsertRetryAfter: 15,
    dropRetryAfter: 15,
  },
  administrators: {
    upsert: 'UpsertActiveDirectoryAdministratorManagementOperation',
    drop: 'DropActiveDirectoryAdministratorManagementOperation',
    upsertMs: 120_000,
    dropMs: 65_000,
    upsertRetryAfter: 60,
    dropRetryAfter: 60,
  },
};
const anyOther: ChildRule = {
  upsert: 'UpsertServerManagementOperation',
  drop: 'DropServerManagementOperation',
  upsertMs: 60_000,
  dropMs: 30_000,
  upsertRetryAfter: 15,
  dropRetryAfter: 15,
};

/** The rule for a child type. */
export function childRules(type: string): ChildRule {
  return rules[lastOf(type)] ?? anyOther;
}

/** The answer of GET for a child. */
export function childBody(call: Call, sent: JsonObject): JsonObject {
  const { target, existing } = call;
  const properties = { ...asObject(existing?.sent['properties']), ...asObject(sent['properties']) };
  return {
    properties: shownProperties(target.type, target.name, properties),
    id: existing?.id ?? target.id,
    name: existing?.name ?? target.name,
    type: target.type,
  };
}

function shownProperties(type: string, name: string, sent: JsonObject): JsonObject {
  switch (lastOf(type)) {
    case 'databases':
      return { charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci', ...sent };
    case 'configurations':
      return configuration(name, sent);
    case 'administrators':
      return {
        ...sent,
        identityResourceId: asString(sent['identityResourceId']).replace(/\/resourceGroups\//i, '/resourcegroups/'),
      };
    default:
      return sent;
  }
}

/** All values of a server parameter are strings, also booleans and numbers. */
function configuration(name: string, sent: JsonObject): JsonObject {
  const value = asString(sent['value']);
  return {
    value,
    currentValue: value,
    description: `The server parameter ${name}.`,
    defaultValue: name === 'max_connections' ? '1365' : '',
    dataType: 'Integer',
    allowedValues: '10-2731',
    source: asString(sent['source'], 'user-override'),
    isConfigPendingRestart: 'False',
    isDynamicConfig: 'True',
    isReadOnly: 'False',
    documentationLink: `https://dev.mysql.com/doc/refman/8.0/en/server-system-variables.html#sysvar_${name}`,
  };
}

function lastOf(type: string): string {
  return type.slice(type.lastIndexOf('/') + 1).toLowerCase();
}
