import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject, KubeClient } from '../kube/contract.ts';
import { KubeError } from '../kube/errors.ts';

const NAME = 'azure-temporal-operator-seal';
const KEY = 'key';

/**
 * Loads the key that seals values. All workers share it through a Secret in the operator's own namespace. The first
 * worker creates the Secret; if several try at once, the API server accepts one and the others read it.
 * @throws Error when the Secret exists without the key; KubeError
 */
export async function loadSealKey(kube: KubeClient, namespace: string): Promise<Uint8Array> {
  const path = { version: 'v1', plural: 'secrets', namespace };
  for (let tries = 0; ; tries += 1) {
    const secret = await kube.get<JsonObject>({ ...path, name: NAME });
    const data = secret?.data as { key?: string } | undefined;
    if (data?.key !== undefined) return Buffer.from(data.key, 'base64');
    if (tries > 0) await sleep(200);
    if (tries > 10)
      throw new Error(
        `cannot use Secret ${namespace}/${NAME}: it has no key "${KEY}"; delete the Secret and restart the worker`,
      );
    const labels = { 'app.kubernetes.io/managed-by': 'azure-temporal-operator' };
    try {
      await kube.create(path, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: NAME, namespace, labels },
        data: { [KEY]: randomBytes(32).toString('base64') },
      });
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409)) throw error;
    }
  }
}
