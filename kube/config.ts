import type { KubeConfig } from '@kubernetes/client-node';

import { skipGeneratedApi } from './skip-generated-api.ts';

/**
 * Loads the configuration that kubectl would use (KUBECONFIG, ~/.kube/config), or that of the pod.
 * @throws Error when neither exists, or a file cannot be read; it quotes nothing of the file, which contains tokens
 */
export async function loadKubeConfig(input: { kubeconfig?: string | undefined } = {}): Promise<KubeConfig> {
  const { KubeConfig } = await importKubeConfig();
  const config = new KubeConfig();
  try {
    if (input.kubeconfig) config.loadFromFile(input.kubeconfig);
    else config.loadFromDefault();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it is not a valid kubeconfig';
    const file = input.kubeconfig ?? process.env['KUBECONFIG'] ?? '~/.kube/config';
    throw new Error(`cannot read ${file}: ${code}; correct KUBECONFIG`);
  }
  if (!config.getCurrentCluster())
    throw new Error(
      'cannot find a Kubernetes cluster: set KUBECONFIG to a file with a current context, or run in a pod',
    );
  return config;
}

async function importKubeConfig(): Promise<{ KubeConfig: new () => KubeConfig }> {
  let restore: (() => void) | undefined;
  try {
    restore = skipGeneratedApi();
    return await import('@kubernetes/client-node/dist/config.js');
  } catch {
    // The package has another layout, or the host does not support hooks. The full import always works; it only uses
    // more memory.
    return await import('@kubernetes/client-node');
  } finally {
    restore?.();
  }
}
