import { objectPath } from '../kube/object-path.ts';
import type { CallOptions, JsonObject, KubeClient, KubeObject, ObjectPath } from '../kube/contract.ts';

/** A step begins some milliseconds after the one before it; what is older is read again. */
const CARRIED_MS = 2_000;

/**
 * The custom resource as the step before left it, for the next step of the same run in this process: it saves the steps
 * that only write to Kubernetes their first read. An edit in between is not missed: the write is locked to the version
 * that was read, and the run gets `changed`. Each object is handed over once.
 */
export class CarriedObjects {
  readonly #objects = new Map<string, { readonly object: KubeObject; readonly at: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  put(key: string, object: KubeObject): void {
    const now = this.#now();
    this.#objects.delete(key);
    this.#objects.set(key, { object, at: now });
    for (const [oldest, { at }] of this.#objects) {
      if (now - at <= CARRIED_MS) break;
      this.#objects.delete(oldest);
    }
  }

  take(key: string): KubeObject | undefined {
    const carried = this.#objects.get(key);
    this.#objects.delete(key);
    return carried !== undefined && this.#now() - carried.at <= CARRIED_MS ? carried.object : undefined;
  }
}

/**
 * The client of one step, whose first read of the custom resource is answered with `carried`; `latest` is the resource
 * as this step saw it last, undefined when a write failed and nothing is known for certain.
 */
export function carryingKube(
  kube: KubeClient,
  subject: { readonly path: string | undefined; readonly carried: KubeObject | undefined },
): { readonly kube: KubeClient; latest(): KubeObject | undefined } {
  let carried = subject.carried;
  let latest: KubeObject | undefined;
  const isSubject = ({ subresource: _, ...path }: ObjectPath): boolean => objectPath(path) === subject.path;
  const read = async <T extends KubeObject | JsonObject>(
    path: ObjectPath,
    options?: CallOptions,
  ): Promise<T | undefined> => {
    if (!isSubject(path)) return await kube.get<T>(path, options);
    const first = carried;
    carried = undefined;
    const object = (first as T | undefined) ?? (await kube.get<T>(path, options));
    latest = object as KubeObject | undefined;
    return object;
  };
  const written = async <T>(path: ObjectPath, write: Promise<T>): Promise<T> => {
    if (!isSubject(path)) return await write;
    carried = undefined;
    latest = undefined;
    const object = await write;
    latest = object as KubeObject;
    return object;
  };
  return {
    kube: {
      ...kube,
      get: read,
      mergePatch: (path, body, how) => written(path, kube.mergePatch(path, body, how)),
      jsonPatch: (path, body, how) => written(path, kube.jsonPatch(path, body, how)),
    },
    latest: () => latest,
  };
}
