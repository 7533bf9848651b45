import { createAccess } from '../activities/arm/access.ts';
import { createActivities } from '../activities/create-activities.ts';
import type { Dependencies } from '../activities/dependencies.ts';
import { createSeal } from '../activities/exports/seal.ts';
import { ExpressionThreads } from '../activities/expressions/expression-threads.ts';
import { checkGlobalCredential, readAzureSettings } from '../azure/settings.ts';
import { TASK_QUEUE } from '../contract/resource-ref.ts';
import { loadKinds } from '../kinds/load.ts';
import { createKubeClient } from '../kube/client.ts';
import { runProcess, type ProcessContext } from '../process/run-process.ts';
import { readTemporalSettings } from '../process/temporal-settings.ts';
import { runInBackground } from './background.ts';
import { connectTemporal, loadKeyRing } from './connect.ts';
import { createWorkers, runWorkers } from './host-workers.ts';
import { stepLogger } from './log-steps.ts';
import { installRuntime } from './runtime.ts';
import { readWorkerSettings } from './settings.ts';
import { workflowBundleFile } from './workflow-bundle.ts';

/** `npm run worker`: hosts the workflows and their steps until SIGTERM or SIGINT. */
await runProcess('worker', run);

async function run(context: ProcessContext): Promise<void> {
  const { log, logFormat, stopping } = context;
  const settings = readWorkerSettings(process.env);
  const azure = readAzureSettings(process.env);
  const problems = checkGlobalCredential(process.env);
  if (problems.length > 0) throw new Error(`cannot use the credential in the environment: ${problems.join(' ')}`);
  const temporal = readTemporalSettings();
  const { namespace } = temporal;
  installRuntime({ metricsAddress: settings.metricsAddress, log });
  const kinds = loadKinds(settings);
  const { defaultPolicy, podNamespace: operatorNamespace } = settings;
  await using stack = new AsyncDisposableStack();
  const kube = stack.adopt(await createKubeClient({ userAgent: 'azure-temporal-operator/worker' }), (it) => it.close());
  const connection = stack.adopt(await connectTemporal(context, temporal), (it) => it.close());
  const keyRing = await loadKeyRing(context, { kube, namespace: operatorNamespace });
  const deps: Dependencies = {
    kube,
    kinds,
    seal: createSeal(keyRing),
    expressions: new ExpressionThreads(),
    settings: { defaultPolicy, operatorNamespace },
    access: createAccess({ kube, azure, env: process.env }),
    observeStep: stepLogger(log),
  };
  const bundle = await workflowBundleFile(process.env);
  const activities = createActivities(deps);
  const workers = await createWorkers({ connection, namespace, activities, settings, bundle });
  log.info({ taskQueue: TASK_QUEUE, namespace }, 'ready');
  const stopped = new AbortController();
  const { signal } = stopped;
  const background = runInBackground({ connection, namespace, deps, keyRing, settings, log, logFormat, signal });
  try {
    await runWorkers(workers, stopping);
  } finally {
    stopped.abort();
    await background;
  }
}
