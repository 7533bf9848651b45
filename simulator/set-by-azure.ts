import { endpointOf } from './host-names.ts';
import { asObject, guidOf, type JsonObject } from './json.ts';
import type { OwningResource } from './made-up-values.ts';

type Value = (resource: OwningResource) => string;

/** Properties that Azure sets when the client does not, although the types do not call them read-only. */
const VALUES: Readonly<Record<string, Readonly<Record<string, Value>>>> = {
  'microsoft.keyvault/vaults': { vaultUri: (resource) => endpointOf(resource, 'vaultUri') },
  'microsoft.subscription/aliases': { subscriptionId: ({ key }) => guidOf(`subscription ${key}`) },
};

/** The answer with the values that Azure sets. */
export function withSetValues(resource: OwningResource, answer: JsonObject): JsonObject {
  const values = VALUES[resource.type.toLowerCase()];
  if (values === undefined) return answer;
  const set = Object.entries(values).map(([name, valueOf]) => [name, valueOf(resource)] as const);
  return { ...answer, properties: { ...Object.fromEntries(set), ...asObject(answer['properties']) } };
}
