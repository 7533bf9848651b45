// Loaded by the SDK's workflow thread before anything else: see `workflow-calls.ts`. Plain JavaScript: a thread that
// strips types needs 20 MB more.
import { Script } from 'node:vm';
import { getEnvironmentData } from 'node:worker_threads';

const [SINCE, COUNT] = [0, 1];
const shared = getEnvironmentData('azure-temporal-operator/workflow-calls');
const { runInContext } = Script.prototype;

Script.prototype.runInContext = function runWatched(context, options) {
  const { timeout, ...withoutLimit } = options ?? {};
  if (timeout === undefined) return runInContext.call(this, context, options);
  Atomics.store(shared, SINCE, Math.floor(Date.now() / 1_000));
  Atomics.add(shared, COUNT, 1);
  try {
    return runInContext.call(this, context, withoutLimit);
  } finally {
    Atomics.store(shared, SINCE, 0);
  }
};
