import type { JsonObject } from '../json.ts';
import type { Call } from '../provider.ts';

/** Some of the built-in roles of Azure. Their ids are the same in all tenants. */
const roles: readonly (readonly [name: string, id: string])[] = [
  ['Owner', '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'],
  ['Contributor', 'b24988ac-6180-42a0-ab88-20f7382dd24c'],
  ['Reader', 'acdd72a7-3385-48ef-bd42-f606fba81ae7'],
  ['Network Contributor', '4d97b98b-1d4f-4787-a291-c67834d212e7'],
  ['AcrPull', '7f951dda-4ed3-4680-a7ca-43fe172d538d'],
  ['Managed Identity Operator', 'f1a07417-d97a-45cb-824c-7a7467783830'],
  ['Storage Blob Data Contributor', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'],
  ['Storage Blob Data Reader', '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'],
  ['Key Vault Secrets User', '4633458b-17de-408a-b874-0445c86b69e6'],
];

/** The built-in roles in a list of role definitions, limited to the name in `$filter`. */
export function builtInRoles({ target, query }: Call): JsonObject[] {
  const wanted = /roleName eq '((?:[^']|'')*)'/i.exec(query.get('$filter') ?? '')?.[1]?.replaceAll("''", "'");
  return roles
    .filter(([roleName]) => wanted === undefined || roleName.toLowerCase() === wanted.toLowerCase())
    .map(([roleName, name]) => ({
      id: `/subscriptions/${target.subscription}/providers/Microsoft.Authorization/roleDefinitions/${name}`,
      name,
      type: 'Microsoft.Authorization/roleDefinitions',
      properties: { roleName, type: 'BuiltInRole', assignableScopes: ['/'] },
    }));
}
