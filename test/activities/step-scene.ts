import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createAccess } from '../../activities/arm/access.ts';
import { createActivities } from '../../activities/create-activities.ts';
import type { Dependencies } from '../../activities/dependencies.ts';
import { ExpressionThreads } from '../../activities/expressions/expression-threads.ts';
import { readAzureSettings } from '../../azure/settings.ts';
import { workflowId, type ResourceRef } from '../../contract/resource-ref.ts';
import type { Activities, Target } from '../../contract/steps.ts';
import { STORED_STATE, type StepOrder, type StoredState } from '../../contract/stored-state.ts';
import type { LiveObject, Manifest } from '../../dev/kube-api.ts';
import { STORAGE_VERSION } from '../../kinds/contract.ts';
import { readGenericTypes } from '../../kinds/generic/generic-types.ts';
import { loadKinds } from '../../kinds/load.ts';
import { createKubeClient } from '../../kube/client.ts';
import { EventRecorder } from '../../kube/event-recorder.ts';
import { openScene, readyGroup, type Scene } from '../cluster/scene.ts';
import { keyOf } from '../support/environment.ts';
import { sealOf } from '../support/seal-keys.ts';

/** The steps of the worker, called one by one: on the real API server and the simulator, without a workflow. */
export interface StepScene extends Scene {
  readonly deps: Dependencies;
  readonly steps: Activities;
  /** Each is later than the one before. */
  order(): StepOrder;
  /** Applies a resource that only the test's own steps work on. */
  create(manifest: Manifest): Promise<ResourceRef>;
  /** The same, and `resolveInputs` has claimed it. */
  claim(manifest: Manifest): Promise<Target>;
  /** As it is on the API server; the error says so when it is gone. */
  read(ref: ResourceRef): Promise<LiveObject>;
  stored(ref: ResourceRef): Promise<StoredState | undefined>;
  /** Runs a step as an attempt of an activity of the resource's run. What it leaves in its heartbeat, the next one finds. */
  attempt<T>(ref: ResourceRef, step: () => Promise<T>, before?: { heartbeats: readonly unknown[] }): Attempt<T>;
  /** A later step of the same resource begins, and finds nothing to do: whatever runs for it is cancelled. */
  supersede(ref: ResourceRef): Promise<void>;
}

interface Attempt<T> {
  readonly outcome: Promise<T>;
  /** As Temporal does for a workflow that has cancelled it. */
  cancel(): void;
  /** Oldest first. */
  readonly heartbeats: readonly unknown[];
}

export async function openStepScene(prefix: string): Promise<StepScene> {
  const scene = await openScene(prefix);
  const { env, namespace } = scene;
  trust(readFileSync(env.stack.simulator.caFile, 'utf8'));
  const kube = await createKubeClient({ kubeconfig: env.stack.kubeconfig });
  const azure = readAzureSettings(env.stack.operatorEnvironment);
  const events = new EventRecorder(kube);
  const deps: Dependencies = {
    kube,
    events,
    kinds: loadKinds({ genericTypes: readGenericTypes(env.stack.operatorEnvironment) }),
    seal: sealOf(randomBytes(32)),
    settings: { defaultPolicy: 'manage', operatorNamespace: 'azure-temporal-operator' },
    observeStep: () => undefined,
    expressions: new ExpressionThreads(),
    access: createAccess({ kube, azure, env: {} }),
  };
  const steps = createActivities(deps);
  const connection = await Connection.connect({ address: env.stack.temporalAddress });
  let count = 0;
  const order = (): StepOrder => ({ scheduledAt: Date.now(), step: (count += 1) });
  const refOf = ({ apiVersion, kind, metadata: { name } }: Manifest): ResourceRef => ({
    group: apiVersion.split('/')[0] ?? '',
    kind,
    namespace,
    name,
  });
  const client = new Client({ connection });
  const create = async (manifest: Manifest): Promise<ResourceRef> => {
    const ref = refOf(manifest);
    await occupy(client, ref);
    await env.apply(manifest);
    return ref;
  };
  const read = async ({ group, kind, name }: ResourceRef): Promise<LiveObject> => {
    const object = await env.kube.get({ apiVersion: `${group}/${STORAGE_VERSION}`, kind, name, namespace });
    if (object === undefined) throw new Error(`${kind} ${namespace}/${name} is gone`);
    return object;
  };
  return {
    ...scene,
    deps,
    steps,
    order,
    create,
    read,
    claim: async (manifest) => {
      const plan = await steps.resolveInputs({ ref: await create(manifest), order: order() });
      if (!('target' in plan)) throw new Error(`${keyOf(manifest).name} was not claimed: ${JSON.stringify(plan)}`);
      return plan.target;
    },
    stored: async (ref) => (await read(ref)).status?.[STORED_STATE] as StoredState | undefined,
    attempt: (ref, step, before) => attemptOf(client, ref, step, before),
    supersede: (ref) => steps.releaseFinalizer({ ref, uid: 'of nobody', order: order() }),
    close: () => {
      void connection.close();
      void events.drain().then(() => kube.close());
      scene.close();
    },
  };
}

/** With the ResourceGroup `rg`, which the operator of the shared stack has made. */
export async function openStepSceneWithGroup(prefix: string): Promise<StepScene> {
  const scene = await openStepScene(prefix);
  await readyGroup(scene);
  return scene;
}

/** The failure that a step ends with. */
export async function failureOfStep(step: Promise<unknown>): Promise<Error & { type?: string }> {
  return await step.then(
    (value) => new Error(`the step did not fail: ${JSON.stringify(value)}`),
    (error: unknown) => error as Error,
  );
}

/**
 * The operator of the shared stack works on every resource that it sees. It signals the run that has the resource's
 * workflow id, and starts one only where there is none: this one, on a queue that nobody polls, never does anything.
 */
async function occupy(client: Client, ref: ResourceRef): Promise<void> {
  await client.workflow.start('nobody', {
    taskQueue: 'that-nobody-polls',
    workflowId: workflowId(ref),
  });
}

/** In the SDK's own activity context; only the server's side of it, which would schedule and retry, is not there. */
function attemptOf<T>(
  client: Client,
  ref: ResourceRef,
  step: () => Promise<T>,
  before?: { heartbeats: readonly unknown[] },
): Attempt<T> {
  const info = {
    attempt: before === undefined ? 1 : 2,
    heartbeatDetails: before?.heartbeats.at(-1),
    heartbeatTimeoutMs: 3_000,
    workflowExecution: { workflowId: workflowId(ref), runId: '' },
  };
  const environment = new MockActivityEnvironment(info, { client });
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => heartbeats.push(details));
  return { outcome: environment.run(step), cancel: () => environment.cancel(), heartbeats };
}

/** The worker gets the simulator's certificate by NODE_EXTRA_CA_CERTS, which is read at the start of a process only. */
function trust(certificate: string): void {
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), certificate]);
}
