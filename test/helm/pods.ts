import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeApi } from '../../dev/kube-api.ts';
import type { ManagedProcess } from '../../dev/processes.ts';
import type { Stack } from '../../dev/start-stack.ts';
import { waitFor } from '../support/environment.ts';
import { ROOT } from './helm.ts';

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly containers: readonly [Container];
    readonly [field: string]: unknown;
  };
}

interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: readonly Variable[];
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
  };
}

interface Job {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly template: PodTemplate };
  readonly status?: { readonly conditions?: readonly object[] };
}

interface Deps {
  readonly stack: Stack;
  /** With all rights: it is the kubelet and the job controller. */
  readonly kube: KubeApi;
  readonly namespace: string;
  /** What the image sets. */
  readonly image: Readonly<Record<string, string>>;
}

/** Runs the containers of pods as local processes: the API server of the stack has no nodes. */
export class Pods {
  readonly #deps: Deps;
  #started = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Starts the command of a pod, with its environment only, and with the rights of its ServiceAccount only. */
  async start({ spec }: PodTemplate): Promise<ManagedProcess> {
    const { stack, image } = this.#deps;
    const [{ name, args, env = [] }] = spec.containers;
    const suffix = `${name}-${String((this.#started += 1))}`;
    const kubeconfig = await this.kubeconfigOf(spec.serviceAccountName, suffix);
    const given = await Promise.all(env.map(async (variable) => await this.#valueOf(variable)));
    // HTTP_ADDRESS: all pods have one address here, and so one port 8081.
    const environment = {
      ...image,
      ...Object.assign({}, ...given),
      KUBECONFIG: kubeconfig,
      HTTP_ADDRESS: '127.0.0.1:0',
    };
    const variables = Object.entries(environment).map(([key, value]) => `${key}=${String(value)}`);
    return stack.processes.start({
      name: suffix,
      // The variables of this process are not the pod's.
      command: '/usr/bin/env',
      args: ['-i', ...variables, process.execPath, ...args],
      cwd: ROOT,
      logFile: join(stack.logDirectory, `${suffix}.log`),
    });
  }

  /** A kubeconfig with a token that the API server makes for the ServiceAccount, as it does for a pod. */
  async kubeconfigOf(serviceAccount: string, suffix: string): Promise<string> {
    const { stack, kube, namespace } = this.#deps;
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 7200 } };
    const { status } = (await kube.call('POST', path, body)) as { status: { token: string } };
    const admin = await readFile(stack.kubeconfig, 'utf8');
    const config = { ...(JSON.parse(admin) as object), users: [{ name: 'admin', user: { token: status.token } }] };
    const file = join(stack.directory, `kubeconfig-${suffix}`);
    await writeFile(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  /** Runs the Jobs that appear until `work` ends, and tells the API server how they ended. */
  async withJobs<T>(work: () => Promise<T>): Promise<T> {
    const done = new Set<string>();
    const result = work();
    const ended = result.then(
      () => true,
      () => true,
    );
    await waitFor(async () => {
      for (const job of await this.#jobs()) {
        if (done.has(job.metadata.uid) || job.status?.conditions) continue;
        done.add(job.metadata.uid);
        await this.#runJob(job);
      }
      return await Promise.race([ended, new Promise<false>((resolve) => setTimeout(() => resolve(false), 100))]);
    }, 300_000);
    return await result;
  }

  async #jobs(): Promise<readonly Job[]> {
    const path = `/apis/batch/v1/namespaces/${this.#deps.namespace}/jobs`;
    return ((await this.#deps.kube.call('GET', path)) as { items: Job[] }).items;
  }

  async #runJob({ metadata, spec }: Job): Promise<void> {
    const startTime = new Date().toISOString();
    const run = await this.start(spec.template);
    const { code } = await run.exited;
    if (code !== 0) console.log(`the Job ${metadata.name} failed:\n${run.logTail()}`);
    const now = new Date().toISOString();
    const types = code === 0 ? ['SuccessCriteriaMet', 'Complete'] : ['FailureTarget', 'Failed'];
    const conditions = types.map((type) => ({ type, status: 'True', lastTransitionTime: now, lastProbeTime: now }));
    const status = {
      startTime,
      conditions,
      uncountedTerminatedPods: {},
      ...(code === 0 ? { completionTime: now, succeeded: 1 } : { failed: 1 }),
    };
    const path = `/apis/batch/v1/namespaces/${this.#deps.namespace}/jobs/${metadata.name}/status`;
    await this.#deps.kube.call('PATCH', path, { status }, 'application/merge-patch+json');
  }

  /** As the kubelet resolves it: an optional key that is not there leaves the variable out. */
  async #valueOf({ name, value, valueFrom }: Variable): Promise<Record<string, string>> {
    const { kube, namespace } = this.#deps;
    const secret = valueFrom?.secretKeyRef;
    if (secret) {
      const object = await kube.get({ apiVersion: 'v1', kind: 'Secret', name: secret.name, namespace });
      const data = object?.data?.[secret.key];
      if (data === undefined && secret.optional !== true)
        throw new Error(`the Secret ${secret.name} has no key ${secret.key}`);
      return data === undefined ? {} : { [name]: Buffer.from(data, 'base64').toString() };
    }
    const field = valueFrom?.fieldRef;
    if (field && field.fieldPath !== 'metadata.namespace')
      throw new Error(`the test knows no field ${field.fieldPath}`);
    return { [name]: field ? namespace : (value ?? '') };
  }
}
