import type { KubeConfig } from '@kubernetes/client-node';

import { leanClientNode } from './lean-client-node.ts';

/** The configuration kubectl would use (KUBECONFIG, ~/.kube/config), or that of the pod. */
export async function loadKubeConfig(input: { kubeconfig?: string | undefined } = {}): Promise<KubeConfig> {
  const { KubeConfig } = await importConfig();
  const config = new KubeConfig();
  if (input.kubeconfig) config.loadFromFile(input.kubeconfig);
  else config.loadFromDefault();
  if (!config.getCurrentCluster())
    throw new Error('cannot find a Kubernetes cluster to talk to: KUBECONFIG names none and this is not a pod');
  return config;
}

async function importConfig(): Promise<{ KubeConfig: new () => KubeConfig }> {
  let restore: (() => void) | undefined;
  try {
    restore = leanClientNode();
    return await import('@kubernetes/client-node/dist/config.js');
  } catch {
    // Another layout of the package, or a host without hooks: the heavy way always works.
    return await import('@kubernetes/client-node');
  } finally {
    restore?.();
  }
}
