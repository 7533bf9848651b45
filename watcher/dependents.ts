/** Who depends on what. Both sides are keys. */
export class Dependents {
  readonly #dependents = new Map<string, Set<string>>();
  readonly #dependencies = new Map<string, readonly string[]>();

  /** Replaces what `dependent` depends on. */
  set(dependent: string, dependencies: readonly string[]): void {
    this.delete(dependent);
    this.#dependencies.set(dependent, dependencies);
    for (const dependency of dependencies) {
      const known = this.#dependents.get(dependency);
      if (known) known.add(dependent);
      else this.#dependents.set(dependency, new Set([dependent]));
    }
  }

  delete(dependent: string): void {
    for (const dependency of this.#dependencies.get(dependent) ?? []) {
      const known = this.#dependents.get(dependency);
      known?.delete(dependent);
      if (known?.size === 0) this.#dependents.delete(dependency);
    }
    this.#dependencies.delete(dependent);
  }

  of(dependency: string): Iterable<string> {
    return this.#dependents.get(dependency) ?? [];
  }
}
