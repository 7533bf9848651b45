import type { KubeConfig } from '@kubernetes/client-node';

import { skipGeneratedApi } from './skip-generated-api.ts';

/**
 * Loads the configuration that kubectl would use (KUBECONFIG, ~/.kube/config), or that of the pod.
 * @throws Error when neither exists, or a file cannot be read; it quotes nothing of the file, which contains tokens
 */
export async function loadKubeConfig(input: { kubeconfig?: string | undefined } = {}): Promise<KubeConfig> {
  const { KubeConfig } = await importKubeConfig();
  const config = new KubeConfig();
  const problem = load(config, input.kubeconfig);
  if (problem !== undefined) {
    const file = input.kubeconfig ?? process.env['KUBECONFIG'] ?? '~/.kube/config';
    throw new Error(`cannot read ${file}: ${problem}; correct KUBECONFIG`);
  }
  if (!config.getCurrentCluster())
    throw new Error(
      'cannot find a Kubernetes cluster: set KUBECONFIG to a file with a current context, or run in a pod',
    );
  return config;
}

/** Returns why the file cannot be read. Not the error itself: the parser quotes the file in it. */
function load(config: KubeConfig, kubeconfig: string | undefined): string | undefined {
  try {
    if (kubeconfig) config.loadFromFile(kubeconfig);
    else config.loadFromDefault();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'it is not a valid kubeconfig';
  }
}

async function importKubeConfig(): Promise<{ KubeConfig: new () => KubeConfig }> {
  const restore = skipGeneratedApi();
  try {
    return await import('@kubernetes/client-node/dist/config.js');
  } catch {
    // The package has another layout. The full import always works; it only uses more memory.
    return await import('@kubernetes/client-node');
  } finally {
    restore();
  }
}
