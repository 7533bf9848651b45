import type { KubeClient } from './contract.ts';
import { KubeError } from './errors.ts';

const TIMEOUT_MS = 2_500;

/**
 * Why the API server does not answer; undefined if it does. `/readyz` is open to every authenticated client
 * (`system:public-info-viewer`); where that right was taken away, the refusal is an answer too.
 */
export async function apiServerProblem(kube: Pick<KubeClient, 'request'>): Promise<string | undefined> {
  try {
    await kube.request('GET', '/readyz', undefined, {}, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return undefined;
  } catch (error) {
    if (!(error instanceof KubeError)) return 'the call failed';
    if (error.status === 403) return undefined;
    if (error.reason === 'Aborted') return `no answer within ${String(TIMEOUT_MS / 1_000)} s`;
    return error.message;
  }
}
