import type { KubeClient } from '../kube/contract.ts';
import type { StepContext } from './step-context.ts';

/**
 * The client, with every call ended by the step's cancellation. The signal is read at each call: while a step may not
 * be interrupted, it is another one.
 */
export function interruptibleKube(kube: KubeClient, step: Pick<StepContext, 'signal'>): KubeClient {
  return {
    get: (path, options) => kube.get(path, { signal: step.signal, ...options }),
    create: (path, body, options) => kube.create(path, body, { signal: step.signal, ...options }),
    apply: (path, body, how) => kube.apply(path, body, { signal: step.signal, ...how }),
    mergePatch: (path, body, how) => kube.mergePatch(path, body, { signal: step.signal, ...how }),
    jsonPatch: (path, body, how) => kube.jsonPatch(path, body, { signal: step.signal, ...how }),
    delete: (path, how) => kube.delete(path, { signal: step.signal, ...how }),
    request: (method, path, body, headers, options) =>
      kube.request(method, path, body, headers, { signal: step.signal, ...options }),
    close: () => kube.close(),
  };
}
