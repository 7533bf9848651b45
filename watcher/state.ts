import type { Kind, Kinds } from '../kinds/contract.ts';
import type { KubeObject } from '../kube/contract.ts';
import { ANNOTATIONS } from '../kube/names.ts';
import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import type { Change } from '../contract/signals.ts';
import { Dependents } from './dependents.ts';
import { changeOf, dependenciesOf, type Surroundings } from './fingerprint.ts';
import { namespaceKey, toKnownResource, type KnownResource } from './known-resource.ts';

/** What is to be told about a key. */
export type News =
  | { readonly type: 'changed'; readonly ref: ResourceRef; readonly change: Change }
  | { readonly type: 'gone'; readonly ref: ResourceRef; readonly uid: string };

/** All that the watcher knows. Changes come in, keys whose news may be worth telling go out through `onDirty`. */
export class WatcherState {
  readonly #kinds: Kinds;
  readonly #onDirty: (key: string) => void;
  readonly #resources = new Map<string, KnownResource>();
  readonly #vanished = new Map<string, { ref: ResourceRef; uid: string }>();
  readonly #versions = new Map<string, string>();
  readonly #policies = new Map<string, string>();
  readonly #dependents = new Dependents();
  readonly #told = new Map<string, Pick<Change, 'fingerprint' | 'dependencies'>>();
  readonly #around: Surroundings = {
    versionOf: (key) => this.#versions.get(key),
    policyOf: (namespace) => this.#policies.get(namespace),
    resource: (key) => this.#resources.get(key),
  };

  constructor(kinds: Kinds, onDirty: (key: string) => void) {
    this.#kinds = kinds;
    this.#onDirty = onDirty;
  }

  keys(): Iterable<string> {
    return this.#resources.keys();
  }

  upsertResource(kind: Kind, object: KubeObject): void {
    const resource = toKnownResource(this.#kinds, kind, object);
    const key = workflowId(resource.ref);
    const before = this.#resources.get(key);
    this.#vanished.delete(key);
    this.#resources.set(key, resource);
    this.#dependents.set(key, dependenciesOf(resource));
    this.#onDirty(key);
    if (before?.ready !== resource.ready || before.resourceId !== resource.resourceId) this.#markDependents(key);
  }

  removeResource(ref: ResourceRef, uid: string): void {
    const key = workflowId(ref);
    const known = this.#resources.get(key);
    if (known?.uid !== uid) return;
    this.#resources.delete(key);
    this.#dependents.delete(key);
    this.#told.delete(key);
    // After a deletion that was announced the workflow itself let it go.
    if (!known.deleting) {
      this.#vanished.set(key, { ref, uid });
      this.#onDirty(key);
    }
    this.#markDependents(key);
  }

  /** A Secret or ConfigMap; undefined: it is gone. */
  setVersion(key: string, resourceVersion: string | undefined): void {
    if (resourceVersion === undefined) this.#versions.delete(key);
    else this.#versions.set(key, resourceVersion);
    this.#markDependents(key);
  }

  setNamespace(name: string, object: KubeObject | undefined): void {
    const policy = object?.metadata.annotations?.[ANNOTATIONS.reconcilePolicy];
    if (policy === this.#policies.get(name)) return;
    if (policy === undefined) this.#policies.delete(name);
    else this.#policies.set(name, policy);
    this.#markDependents(namespaceKey(name));
  }

  /** Undefined when all was told. */
  news(key: string): News | undefined {
    const vanished = this.#vanished.get(key);
    if (vanished) return { type: 'gone', ...vanished };
    const resource = this.#resources.get(key);
    if (!resource) return undefined;
    const change = changeOf(resource, this.#around);
    const told = this.#told.get(key);
    if (told?.fingerprint === change.fingerprint && told.dependencies === change.dependencies) return undefined;
    return { type: 'changed', ref: resource.ref, change };
  }

  markTold(key: string, news: News): void {
    if (news.type === 'gone') {
      if (this.#vanished.get(key)?.uid === news.uid) this.#vanished.delete(key);
      return;
    }
    const { fingerprint, dependencies } = news.change;
    if (this.#resources.get(key)?.uid === news.change.uid) this.#told.set(key, { fingerprint, dependencies });
  }

  #markDependents(key: string): void {
    for (const dependent of this.#dependents.of(key)) this.#onDirty(dependent);
  }
}
