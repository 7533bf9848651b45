import { ArmClients } from '../azure/arm-clients.ts';
import { listCosmosKeys } from '../azure/cosmos-keys.ts';
import { credentialSettingsFrom, type CredentialSettings } from '../azure/credentials.ts';
import { getMysqlServer } from '../azure/mysql-server.ts';
import type { AzureSettings } from '../azure/settings.ts';
import type { JsonObject, KubeClient } from '../kube/contract.ts';
import { NAMESPACE_CREDENTIAL } from '../kube/names.ts';
import type { Dependencies } from './dependencies.ts';
import { StepError } from './step-error.ts';

/**
 * Picks the credential as ASO does: the Secret that the resource names in `credential-from`, else `aso-credential` of its namespace, else the
 * operator's own environment. Secrets are read each time, so that a rotated one is used at once; clients are kept.
 */
export function createAccess(deps: {
  kube: KubeClient;
  azure: AzureSettings;
  env: Readonly<Record<string, string | undefined>>;
}): Dependencies['access'] {
  const clients = new ArmClients(deps.azure);
  return async ({ namespace, credentialFrom }) => {
    const { values, from } = await readCredential(deps, namespace, credentialFrom);
    const settings = parse(values, from);
    return {
      arm: clients.for(settings),
      from,
      cosmosKeys: async (target) => ({ ...(await listCosmosKeys({ ...clients.optionsFor(settings), target })) }),
      mysqlServer: async (target) => {
        const { properties } = await getMysqlServer({ ...clients.optionsFor(settings), target });
        return { properties: { ...properties } };
      },
    };
  };
}

interface Credential {
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly from: string;
}

async function readCredential(
  { kube, env }: { kube: KubeClient; env: Readonly<Record<string, string | undefined>> },
  namespace: string,
  credentialFrom: string | undefined,
): Promise<Credential> {
  if (credentialFrom?.includes('/')) {
    const message = `the annotation credential-from must name a Secret in the resource's own namespace, without "/": "${credentialFrom}"`;
    throw new StepError('CredentialNotFound', message, { retry: 'Slow' });
  }
  const name = credentialFrom ?? NAMESPACE_CREDENTIAL;
  const secret = await kube.get<JsonObject>({ version: 'v1', plural: 'secrets', namespace, name });
  if (secret) {
    const data = (secret.data ?? {}) as Record<string, string>;
    const values = Object.fromEntries(
      Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString('utf8')]),
    );
    return { values, from: `${namespace}/${name}` };
  }
  if (credentialFrom !== undefined) {
    throw new StepError('CredentialNotFound', `Secret ${namespace}/${name}, named by credential-from, does not exist`, {
      retry: 'Fast',
    });
  }
  return { values: env, from: 'global' };
}

function parse(values: Credential['values'], from: string): CredentialSettings {
  try {
    return credentialSettingsFrom(values, from);
  } catch (error) {
    throw new StepError(
      'CredentialNotFound',
      error instanceof Error ? error.message : `cannot use the credential ${from}`,
      { retry: 'Slow' },
    );
  }
}
