import { ArmClients } from '../../azure/arm-clients.ts';
import { listCosmosKeys } from '../../azure/cosmos-keys.ts';
import { credentialSettingsFrom } from '../../azure/credentials.ts';
import { getMysqlServer } from '../../azure/mysql-server.ts';
import type { ArmObserver } from '../../azure/observer.ts';
import type { AzureSettings } from '../../azure/settings.ts';
import type { KubeClient, KubeObject } from '../../kube/contract.ts';
import { CREDENTIAL_FINALIZER, FIELD_MANAGERS, NAMESPACE_CREDENTIAL } from '../../kube/names.ts';
import { watchesSecrets } from '../../kube/watch-secrets.ts';
import type { Dependencies } from '../dependencies.ts';
import { StepError } from '../step-error.ts';

/**
 * Picks the credential as ASO does: the Secret that the annotation `credential-from` names, else `aso-credential` in
 * the namespace, else the operator's environment. The Secret is read each time, so that a rotated credential is used at
 * once; clients are cached.
 */
export function createAccess(deps: {
  kube: KubeClient;
  azure: AzureSettings;
  env: Readonly<Record<string, string | undefined>>;
  /** Is told of each request to Azure. */
  observer?: ArmObserver | undefined;
}): Dependencies['access'] {
  const clients = new ArmClients({ ...deps.azure, observer: deps.observer });
  const holds = watchesSecrets(deps.env);
  return async ({ namespace, credentialFrom }) => {
    const credential = await readCredential(deps, namespace, credentialFrom);
    const { values, from } = credential;
    const settings = credentialSettingsFrom(values, from);
    return {
      arm: clients.for(settings),
      from,
      cosmosKeys: async (target) => ({ ...(await listCosmosKeys({ ...clients.optionsFor(settings), target })) }),
      mysqlServer: async (target) => {
        const { properties } = await getMysqlServer({ ...clients.optionsFor(settings), target });
        return { properties: { ...properties } };
      },
      // Without a watch of Secrets, nobody would see that the finalizer can go.
      hold: async () => {
        if (holds) await hold(deps.kube, credential);
      },
    };
  };
}

interface Credential {
  /** The Secret that contains the credential; undefined for the operator's environment. */
  readonly secret?: KubeObject;
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
    throw new StepError('CredentialNotFound', message);
  }
  const name = credentialFrom ?? NAMESPACE_CREDENTIAL;
  const secret = await kube.get<KubeObject & { data?: Record<string, string> }>({
    version: 'v1',
    plural: 'secrets',
    namespace,
    name,
  });
  if (secret) {
    const data = secret.data ?? {};
    const values = Object.fromEntries(
      Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString('utf8')]),
    );
    return { secret, values, from: `${namespace}/${name}` };
  }
  if (credentialFrom !== undefined) {
    throw new StepError(
      'CredentialNotFound',
      `Secret ${namespace}/${name}, named by the annotation credential-from, does not exist`,
    );
  }
  return { values: env, from: 'global' };
}

/**
 * Adds a finalizer to the credential's Secret. When a namespace is deleted, all its objects are deleted at once:
 * without the finalizer the credential would be gone first, and the resources claimed with it could never be deleted in
 * Azure. The watcher removes the finalizer after the last resource that needs the credential. Kubernetes refuses new
 * finalizers on an object that is being deleted.
 */
async function hold(kube: KubeClient, { secret }: Credential): Promise<void> {
  if (!secret || secret.metadata.deletionTimestamp !== undefined) return;
  const { name, namespace = '', resourceVersion, finalizers = [] } = secret.metadata;
  if (finalizers.includes(CREDENTIAL_FINALIZER)) return;
  await kube.mergePatch(
    { version: 'v1', plural: 'secrets', namespace, name },
    { metadata: { resourceVersion, finalizers: [...finalizers, CREDENTIAL_FINALIZER] } },
    { fieldManager: FIELD_MANAGERS.credential },
  );
}
