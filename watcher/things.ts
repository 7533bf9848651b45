import { flat } from './keys.ts';

/** What is kept of a Secret or ConfigMap. */
export interface KnownObject {
  readonly version: string;
  /** uids of its ownerReferences, with commas between. */
  readonly owners: string;
  /** A credential Secret with our finalizer. */
  readonly held?: boolean;
}

interface Thing {
  /** The one string that all who name this thing share. */
  readonly key: string;
  object: KnownObject | undefined;
  /** Nearly all things have one dependent, which needs no Set. */
  dependents: string | Set<string> | undefined;
}

/** Secrets, ConfigMaps, namespaces and resources as what others depend on: who does, and of objects, what is known. All by key. */
export class Things {
  readonly #things = new Map<string, Thing>();

  /** The string to keep for this key: each that is kept costs memory, and there are several for each resource. */
  shared(key: string): string {
    return this.#things.get(key)?.key ?? flat(key);
  }

  object(key: string): KnownObject | undefined {
    return this.#things.get(key)?.object;
  }

  /** Undefined: it is gone. */
  setObject(key: string, object: KnownObject | undefined): void {
    const thing = this.#things.get(key);
    if (thing) thing.object = object;
    else if (object) this.#add(flat(key), object, undefined);
    this.#dropUnused(thing);
  }

  /** Replaces what `dependent` depends on. */
  link(dependent: string, dependencies: Iterable<string>, before: Iterable<string>): void {
    const wanted = new Set(dependencies);
    for (const key of before) if (!wanted.has(key)) this.#unlink(dependent, key);
    for (const key of wanted) {
      const thing = this.#things.get(key);
      if (!thing) this.#add(key, undefined, dependent);
      else if (thing.dependents instanceof Set) thing.dependents.add(dependent);
      else if (thing.dependents === undefined) thing.dependents = dependent;
      else if (thing.dependents !== dependent) thing.dependents = new Set([thing.dependents, dependent]);
    }
  }

  dependentsOf(key: string): readonly string[] {
    const dependents = this.#things.get(key)?.dependents;
    if (dependents === undefined) return [];
    return typeof dependents === 'string' ? [dependents] : [...dependents];
  }

  #add(key: string, object: KnownObject | undefined, dependents: string | undefined): void {
    this.#things.set(key, { key, object, dependents });
  }

  #unlink(dependent: string, key: string): void {
    const thing = this.#things.get(key);
    if (thing?.dependents instanceof Set) {
      thing.dependents.delete(dependent);
      if (thing.dependents.size === 0) thing.dependents = undefined;
    } else if (thing?.dependents === dependent) thing.dependents = undefined;
    this.#dropUnused(thing);
  }

  #dropUnused(thing: Thing | undefined): void {
    if (thing && thing.object === undefined && thing.dependents === undefined) this.#things.delete(thing.key);
  }
}
