/** The ARM types that a GenericResource may have. */
export interface GenericTypes {
  /** As the administrator wrote it, for messages. */
  readonly setting: string;
  readonly allows: (armType: string) => boolean;
}

/**
 * Their types give rights, or make resources of any other type. So `*` never means them: each must be named.
 */
const NAMED_ONLY = [
  'Microsoft.Authorization',
  'Microsoft.Blueprint',
  'Microsoft.ManagedIdentity',
  'Microsoft.ManagedServices',
  'Microsoft.Management',
  'Microsoft.Resources',
  'Microsoft.Subscription',
] as const;

/**
 * Reads the setting GENERIC_RESOURCE_TYPES: `Microsoft.Maps/accounts;Microsoft.Search/*`. A name allows exactly that
 * type; `/*` at the end allows everything below. Undefined when it is not set: then there is no GenericResource.
 * @throws Error that names the variable and the part that cannot be used
 */
export function readGenericTypes(environment: Readonly<Record<string, string | undefined>>): GenericTypes | undefined {
  const setting = environment['GENERIC_RESOURCE_TYPES']?.trim();
  if (!setting) return undefined;
  const parts = setting
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const part of parts) checkPart(part);
  const rules = parts.map((part) => part.toLowerCase());
  return { setting, allows: (armType) => isArmType(armType) && rules.some((rule) => matches(rule, armType)) };
}

function checkPart(part: string): void {
  const [, provider = ''] = /^([A-Za-z0-9.-]+)\/\*$/.exec(part) ?? [];
  if (part !== '*' && !isArmType(part.replace(/\/\*$/, '/x')))
    throw new Error(
      `GENERIC_RESOURCE_TYPES: "${part}" is not an ARM type; write <provider>/<type>, <provider>/* or *, separated by ";"`,
    );
  if (isNamedOnly(`${provider}/`))
    throw new Error(
      `GENERIC_RESOURCE_TYPES: "${part}" would allow to give rights, or to make resources of any type; name the types that you mean, such as Microsoft.Authorization/locks`,
    );
}

/** `providers` in a type would address a type of another provider: `Microsoft.Maps/accounts/providers/locks`. */
function isArmType(text: string): boolean {
  return /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(\/[A-Za-z0-9.-]+)+$/.test(text) && !/\/(providers|\.+)(\/|$)/i.test(text);
}

function matches(rule: string, armType: string): boolean {
  const type = armType.toLowerCase();
  if (rule === '*') return !isNamedOnly(type);
  return rule.endsWith('/*') ? type.startsWith(rule.slice(0, -1)) : type === rule;
}

function isNamedOnly(type: string): boolean {
  return NAMED_ONLY.some((provider) => type.toLowerCase().startsWith(`${provider.toLowerCase()}/`));
}
