import type { JsonObject } from './json.ts';

/**
 * `creating`, `updating`, `deleting`: an operation is running on the resource. `failed`: its creation failed, and the
 * resource still exists.
 */
type Phase = 'creating' | 'ready' | 'updating' | 'deleting' | 'failed';

/** A resource as the simulator keeps it. */
export interface StoredResource {
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly createdAt: number;
  phase: Phase;
  /** The time when it entered the phase. */
  phaseSince: number;
  /** The body of the last accepted PUT, without nulls and without secrets. */
  sent: JsonObject;
  /** The answer of GET when the resource is ready. Providers omit or change parts of it in other phases. */
  body: JsonObject;
}

/** Values that Azure answers whatever it is sent. They are merged into every answer, or into answers to GET only. */
export interface ForcedValues {
  readonly patch: JsonObject;
  readonly readsOnly: boolean;
}

/** All resources, by lower-case id. */
export class Store {
  readonly #resources = new Map<string, StoredResource>();
  /** When a resource was removed: its provider answers 404 for a while before the gateway does. */
  readonly #goneSince = new Map<string, number>();

  /** Forced values by id. The resource need not exist yet. */
  readonly #forced = new Map<string, ForcedValues>();

  forceValues(key: string, forced: ForcedValues): void {
    this.#forced.set(key, forced);
  }

  forcedValuesOf(key: string): ForcedValues | undefined {
    return this.#forced.get(key);
  }

  get(key: string): StoredResource | undefined {
    return this.#resources.get(key);
  }

  put(resource: StoredResource): void {
    this.#resources.set(resource.key, resource);
    this.#goneSince.delete(resource.key);
  }

  /** Removes the resource and everything below it. */
  remove(key: string, at: number): void {
    this.#forced.delete(key);
    if (this.#resources.delete(key)) this.#goneSince.set(key, at);
    const prefix = `${key}/`;
    for (const candidate of this.#resources.keys()) if (candidate.startsWith(prefix)) this.#resources.delete(candidate);
  }

  goneSince(key: string): number | undefined {
    return this.#goneSince.get(key);
  }

  /** Resources whose key starts with the prefix. */
  below(prefix: string): StoredResource[] {
    return [...this.#resources.values()].filter((resource) => resource.key.startsWith(prefix));
  }
}
