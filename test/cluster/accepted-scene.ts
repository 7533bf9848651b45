import { Client, Connection } from '@temporalio/client';
import { workflowId, TASK_QUEUE, WORKFLOW_TYPE } from '../../contract/resource-ref.ts';
import type { Manifest } from '../../dev/kube-api.ts';
import type { LoggedRequest } from '../../simulator/request-log.ts';
import type { Json, JsonObject } from '../../simulator/json.ts';
import { loadKinds } from '../../kinds/load.ts';
import { installKinds } from '../samples/install-kinds.ts';
import { readyOf, waitFor } from '../support/environment.ts';
import { openScene, type Scene } from './scene.ts';

/** A scene that can look into Azure, change it as somebody else, and reconcile without a change in Kubernetes. */
export interface AcceptedScene extends Scene {
  /** The ARM id of a resource in the group `rg`. */
  idOf(type: string, name: string): string;
  /** What Azure has, at the api-version given; undefined when it has none. */
  inAzure(id: string, apiVersion: string): Promise<JsonObject | undefined>;
  /** The PUT of somebody else; the status it is answered with. */
  putAsSomebody(id: string, apiVersion: string, body: Json): Promise<number>;
  /** One reconcile as a resync makes it; resolves when the run has ended. */
  reconcile(manifest: Manifest): Promise<void>;
  /** The PUTs of one resource, oldest first. */
  puts(name: string): Promise<LoggedRequest[]>;
  deletes(name: string): Promise<LoggedRequest[]>;
}

/** Marks what these tests do in Azure as somebody else, so that `puts` tells only what the operator did. */
const SOMEBODY = 'somebody=1';

export async function openAcceptedScene(prefix: string): Promise<AcceptedScene> {
  const scene = await openScene(prefix);
  const { env } = scene;
  const connection = await Connection.connect({ address: env.stack.temporalAddress });
  const temporal = new Client({ connection }).workflow;
  const azure = scene.azure;
  const of = async (method: string, name: string): Promise<LoggedRequest[]> =>
    (await scene.requests({ method, path: new RegExp(`/${name}(\\?|$)`, 'i') })).filter(
      ({ path }) => !path.includes(SOMEBODY),
    );
  return {
    ...scene,
    idOf: (type, name) =>
      `/subscriptions/${scene.subscription.subscriptionId}/resourceGroups/rg/providers/${type}/${name}`,
    inAzure: async (id, apiVersion) => {
      const { status, json } = await azure.call('GET', `${id}?api-version=${apiVersion}&${SOMEBODY}`);
      return status === 200 ? (json as JsonObject) : undefined;
    },
    putAsSomebody: async (id, apiVersion, body) =>
      (await azure.call('PUT', `${id}?api-version=${apiVersion}&${SOMEBODY}`, body)).status,
    reconcile: async ({ apiVersion, kind, metadata: { name, namespace = '' } }) => {
      const ref = { group: apiVersion.split('/')[0] ?? '', kind, namespace, name };
      const run = await temporal.signalWithStart(WORKFLOW_TYPE, {
        workflowId: workflowId(ref),
        taskQueue: TASK_QUEUE,
        args: [{ ref }],
        signal: 'retry',
      });
      await run.result();
    },
    puts: (name) => of('PUT', name),
    deletes: (name) => of('DELETE', name),
    close: () => {
      void connection.close();
      scene.close();
    },
  };
}

/** Installs kinds that the shared stack does not serve. */
export async function installKind(scene: Scene, ...kinds: readonly { group: string; kind: string }[]): Promise<void> {
  const known = loadKinds();
  await installKinds(
    scene.env.stack,
    kinds.flatMap((kind) => known.find(kind) ?? []),
  );
}

/** Waits until the resource says Ready of its present generation, and returns how many PUTs that took. */
export async function settled(scene: AcceptedScene, manifest: Manifest, timeoutMs?: number): Promise<number> {
  const { apiVersion, kind, metadata } = manifest;
  await scene.env.waitForReady({ apiVersion, kind, ...metadata }, timeoutMs);
  return (await scene.puts(metadata.name)).length;
}

/** Waits until the condition's message says so. */
export async function waitForMessage(scene: Scene, manifest: Manifest, message: RegExp): Promise<void> {
  const { apiVersion, kind, metadata } = manifest;
  await waitFor(async () => {
    const object = await scene.env.kube.get({ apiVersion, kind, ...metadata });
    return object !== undefined && message.test(readyOf(object)?.message ?? '');
  });
}
