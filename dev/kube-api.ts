import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** An object as the API server returns it. Its reader validates the fields that are not declared here. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly generation?: number;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string; readonly kind: string; readonly name: string }[];
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: { readonly conditions?: readonly ReadyCondition[]; readonly [field: string]: unknown };
  readonly data?: Readonly<Record<string, string>>;
}

export interface ReadyCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly severity?: string;
  readonly reason: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/** An error response of the API server, with the server's message. */
export class KubeApiError extends Error {
  override readonly name = 'KubeApiError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface ObjectKey {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** What `startControlPlane` writes: one cluster, one user. */
interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { server: string; 'certificate-authority-data': string } }];
  readonly users: readonly [{ readonly user: { readonly token: string } }];
}

/**
 * A small client of the embedded API server for the start screen and the tests. It does not use the product's client,
 * so that a defect in that client cannot hide itself from the tests.
 */
export class KubeApi {
  readonly #server: string;
  readonly #token: string;
  readonly #user: string | undefined;
  readonly #agent: Agent;
  readonly #plurals = new Map<string, { plural: string; namespaced: boolean }>();

  /**
   * @param kubeconfig path of a JSON kubeconfig, as `startControlPlane` writes it
   * @param user makes the requests as this user with its own rights: its user may impersonate everybody
   */
  constructor(kubeconfig: string, user?: string) {
    const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
    const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
    this.#server = server;
    this.#token = users[0].user.token;
    this.#user = user;
    this.#agent = new Agent({ keepAlive: true, ca: Buffer.from(ca, 'base64') });
  }

  /** Undefined when the object does not exist. */
  async get(key: ObjectKey): Promise<LiveObject | undefined> {
    try {
      return (await this.call('GET', await this.#path(key))) as LiveObject;
    } catch (error) {
      if (error instanceof KubeApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async list(input: { apiVersion: string; kind: string; namespace?: string }): Promise<LiveObject[]> {
    const answer = (await this.call('GET', await this.#path({ ...input, name: '' }))) as { items: LiveObject[] };
    return answer.items;
  }

  /** Server-side apply with `force`, as `kubectl apply --server-side --force-conflicts` does. */
  async apply(manifest: Manifest, fieldManager = 'kubectl'): Promise<LiveObject> {
    const path = await this.#path({ ...manifest, ...manifest.metadata });
    const query = `?fieldManager=${fieldManager}&force=true&fieldValidation=Strict`;
    return (await this.call('PATCH', path + query, manifest, 'application/apply-patch+yaml')) as LiveObject;
  }

  /** JSON merge patch. */
  async patch(key: ObjectKey, patch: object): Promise<LiveObject> {
    return (await this.call('PATCH', await this.#path(key), patch, 'application/merge-patch+json')) as LiveObject;
  }

  /** Returns false when the object did not exist. An object with a finalizer stays until the finalizer is removed. */
  async delete(key: ObjectKey): Promise<boolean> {
    try {
      await this.call('DELETE', await this.#path(key));
      return true;
    } catch (error) {
      if (error instanceof KubeApiError && error.status === 404) return false;
      throw error;
    }
  }

  /** Sends any request and returns the parsed answer. */
  async call(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<unknown> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(this.#user === undefined ? {} : { 'impersonate-user': this.#user }),
      ...(payload === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(payload) }),
    };
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const call = request(
        this.#server + path,
        { method, headers, agent: this.#agent, timeout: 10_000 },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          );
        },
      );
      call.once('timeout', () => call.destroy(new Error(`${method} ${path}: no answer within 10 s`)));
      call.once('error', reject);
      call.end(payload);
    });
    if (status < 400) return text === '' ? undefined : JSON.parse(text);
    throw new KubeApiError(status, messageOf(text) ?? `${method} ${path}: ${status}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #path(key: ObjectKey): Promise<string> {
    const root = key.apiVersion.includes('/') ? `/apis/${key.apiVersion}` : `/api/${key.apiVersion}`;
    const { plural, namespaced } = await this.#resource(root, key.kind);
    const place =
      namespaced && key.namespace !== undefined ? `${root}/namespaces/${key.namespace}/${plural}` : `${root}/${plural}`;
    return key.name === '' ? place : `${place}/${key.name}`;
  }

  async #resource(root: string, kind: string): Promise<{ plural: string; namespaced: boolean }> {
    const cached = this.#plurals.get(`${root} ${kind}`);
    if (cached !== undefined) return cached;
    const { resources } = (await this.call('GET', root)) as {
      resources: { name: string; kind: string; namespaced: boolean }[];
    };
    const found = resources.find((resource) => resource.kind === kind && !resource.name.includes('/'));
    if (found === undefined)
      throw new Error(`the API server does not serve the kind ${kind} at ${root}; install its CRD with npm run crds`);
    const resource = { plural: found.name, namespaced: found.namespaced };
    this.#plurals.set(`${root} ${kind}`, resource);
    return resource;
  }
}

function messageOf(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
