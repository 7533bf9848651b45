import type { KubeClient } from '../kube/contract.ts';
import type { StepContext } from './step-context.ts';

/**
 * A client whose calls end when the step is cancelled. `step.signal` is read at each call, because it is a signal that
 * never fires while the step must not be interrupted.
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
