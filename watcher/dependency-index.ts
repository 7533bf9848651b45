import { flatCopy } from './object-keys.ts';

/** What the watcher keeps of a Secret or ConfigMap. */
export interface KnownObject {
  readonly version: string;
  /** The uids of its ownerReferences, separated by commas. */
  readonly owners: string;
  /** Whether it is a credential Secret with this operator's finalizer. */
  readonly hasFinalizer?: boolean;
}

interface Entry {
  /** The one string instance that everything that refers to this entry shares. */
  readonly key: string;
  object: KnownObject | undefined;
  /** Nearly all entries have one dependent; a plain string avoids the Set. */
  dependents: string | Set<string> | undefined;
}

/**
 * Indexes which resources depend on a Secret, ConfigMap, namespace or other resource, and keeps what is known of
 * Secrets and ConfigMaps. Everything is addressed by key.
 */
export class DependencyIndex {
  readonly #entries = new Map<string, Entry>();

  /**
   * Returns the string instance to keep for a key. Each copy would cost memory, and each resource refers to several
   * keys.
   */
  shared(key: string): string {
    return this.#entries.get(key)?.key ?? flatCopy(key);
  }

  object(key: string): KnownObject | undefined {
    return this.#entries.get(key)?.object;
  }

  /** Records a Secret or ConfigMap; undefined when it was deleted. */
  setObject(key: string, object: KnownObject | undefined): void {
    const entry = this.#entries.get(key);
    if (entry) entry.object = object;
    else if (object) this.#add(flatCopy(key), object, undefined);
    this.#dropUnused(entry);
  }

  /** Replaces the dependencies of `dependent`. */
  link(dependent: string, dependencies: Iterable<string>, before: Iterable<string>): void {
    const wanted = new Set(dependencies);
    for (const key of before) if (!wanted.has(key)) this.#unlink(dependent, key);
    for (const key of wanted) {
      const entry = this.#entries.get(key);
      if (!entry) this.#add(key, undefined, dependent);
      else if (entry.dependents instanceof Set) entry.dependents.add(dependent);
      else if (entry.dependents === undefined) entry.dependents = dependent;
      else if (entry.dependents !== dependent) entry.dependents = new Set([entry.dependents, dependent]);
    }
  }

  dependentsOf(key: string): readonly string[] {
    const dependents = this.#entries.get(key)?.dependents;
    if (dependents === undefined) return [];
    return typeof dependents === 'string' ? [dependents] : [...dependents];
  }

  #add(key: string, object: KnownObject | undefined, dependents: string | undefined): void {
    this.#entries.set(key, { key, object, dependents });
  }

  #unlink(dependent: string, key: string): void {
    const entry = this.#entries.get(key);
    if (entry?.dependents instanceof Set) {
      entry.dependents.delete(dependent);
      if (entry.dependents.size === 0) entry.dependents = undefined;
    } else if (entry?.dependents === dependent) entry.dependents = undefined;
    this.#dropUnused(entry);
  }

  #dropUnused(entry: Entry | undefined): void {
    if (entry && entry.object === undefined && entry.dependents === undefined) this.#entries.delete(entry.key);
  }
}
