import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import type { Change } from '../contract/signals.ts';
import type { Kind, Kinds } from '../kinds/contract.ts';
import type { KubeObject } from '../kube/contract.ts';
import { ANNOTATIONS } from '../kube/names.ts';
import { Dependents } from './dependents.ts';
import { changeOf, dependenciesOf, fingerprintOf, type KnownObject, type Surroundings } from './fingerprint.ts';
import { namespaceKey } from './keys.ts';
import { keyOf, toKnownResource, type KnownResource } from './known-resource.ts';
import { reasonToTell, type Reason } from './reason.ts';

/** What is to be told about a key. */
export type News =
  | { readonly type: 'changed'; readonly because: Reason; readonly ref: ResourceRef; readonly change: Change }
  | { readonly type: 'gone'; readonly ref: ResourceRef; readonly uid: string };

type Told = Pick<Change, 'fingerprint' | 'dependencies'>;

const NOBODY: readonly string[] = [];

/** All that the watcher knows. Changes come in, keys whose news may be worth telling go out through `onDirty`. */
export class WatcherState {
  readonly #kinds: Kinds;
  readonly #onDirty: (key: string) => void;
  readonly #resources = new Map<string, KnownResource>();
  readonly #vanished = new Map<string, { ref: ResourceRef; uid: string }>();
  readonly #objects = new Map<string, KnownObject>();
  readonly #policies = new Map<string, string>();
  readonly #dependents = new Dependents();
  readonly #told = new Map<string, Told>();
  /** Resources whose resync is due. */
  readonly #due = new Set<string>();
  /** Resource -> objects that were written for it and then deleted. */
  readonly #missing = new Map<string, Set<string>>();
  readonly #around: Surroundings = {
    object: (key) => this.#objects.get(key),
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
    const { name, namespace = '' } = object.metadata;
    const before = this.#resources.get(workflowId({ group: kind.group, kind: kind.kind, namespace, name }));
    const resource = toKnownResource(this.#kinds, { kind, object }, before);
    const key = keyOf(resource);
    if (before && before.uid !== resource.uid) this.#forget(key);
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
    this.#forget(key);
    // After a deletion that was announced the workflow itself let it go.
    if (!known.deleting) {
      this.#vanished.set(key, { ref, uid });
      this.#onDirty(key);
    }
    this.#markDependents(key);
  }

  /** A kind whose CRD was deleted, and all resources with it. */
  removeKind(kind: Kind): void {
    for (const { ref, uid } of [...this.#resources.values()])
      if (ref.kind === kind.kind && ref.group === kind.group) this.removeResource(ref, uid);
  }

  /** A Secret or ConfigMap; undefined: it is gone. */
  setObject(key: string, metadata: KubeObject['metadata'] | undefined): void {
    const before = this.#objects.get(key);
    if (metadata) {
      const owners = metadata.ownerReferences?.map(({ uid }) => uid) ?? NOBODY;
      this.#objects.set(key, { version: metadata.resourceVersion, owners });
    } else {
      this.#objects.delete(key);
      for (const uid of before?.owners ?? NOBODY) this.#exportDeleted(key, uid);
    }
    this.#markDependents(key);
  }

  setNamespace(name: string, object: KubeObject | undefined): void {
    const policy = object?.metadata.annotations?.[ANNOTATIONS.reconcilePolicy];
    if (policy === this.#policies.get(name)) return;
    if (policy === undefined) this.#policies.delete(name);
    else this.#policies.set(name, policy);
    this.#markDependents(namespaceKey(name));
  }

  /** Ready, by a reconcile that has dealt with the present facts. */
  isSettled(key: string): boolean {
    const resource = this.#resources.get(key);
    return resource !== undefined && resource.ready && this.#isDealtWith(resource);
  }

  has(key: string): boolean {
    return this.#resources.has(key);
  }

  /** Its resync is due: it is told, whatever it was told before. */
  setDue(key: string): void {
    if (this.#resources.has(key)) this.#due.add(key);
  }

  /** Undefined when all was told. What a resource depends on when it is first found dealt with counts as told. */
  news(key: string): News | undefined {
    const vanished = this.#vanished.get(key);
    if (vanished) return { type: 'gone', ...vanished };
    const resource = this.#resources.get(key);
    if (!resource) return undefined;
    const change = changeOf(resource, this.#around);
    const told = this.#told.get(key);
    const because = reasonToTell({
      change,
      told,
      dealtWith: resource.dealtWith,
      ready: resource.ready,
      due: this.#due.has(key),
      exportMissing: this.#isExportMissing(key, resource),
    });
    if (because) return { type: 'changed', because, ref: resource.ref, change };
    if (!told) this.#remember(key, change);
    return undefined;
  }

  markTold(key: string, news: News): void {
    if (news.type === 'gone') {
      if (this.#vanished.get(key)?.uid === news.uid) this.#vanished.delete(key);
      return;
    }
    if (this.#resources.get(key)?.uid !== news.change.uid) return;
    this.#due.delete(key);
    if (news.because === 'destination') this.#missing.delete(key);
    this.#remember(key, news.change);
  }

  /** Another watcher leads and has told by now what there was to tell; what no reconcile has dealt with is kept, to be told once more when this one leads. */
  assumeTold(key: string): void {
    this.#vanished.delete(key);
    this.#due.delete(key);
    this.#missing.delete(key);
    const resource = this.#resources.get(key);
    if (!resource) return;
    if (this.#isDealtWith(resource)) this.#remember(key, changeOf(resource, this.#around));
    else this.#told.delete(key);
  }

  #isDealtWith(resource: KnownResource): boolean {
    return resource.dealtWith !== undefined && resource.dealtWith === fingerprintOf(resource, this.#around);
  }

  #exportDeleted(key: string, uid: string): void {
    for (const dependent of this.#dependents.of(key)) {
      const resource = this.#resources.get(dependent);
      if (resource?.uid !== uid || resource.deleting || !resource.destinations.includes(key)) continue;
      const missing = this.#missing.get(dependent);
      if (missing) missing.add(key);
      else this.#missing.set(dependent, new Set([key]));
    }
  }

  /** Whatever was written is looked for once, when a resource is first looked at; from then on deletions are seen. */
  #isExportMissing(key: string, { exported, destinations, deleting }: KnownResource): boolean {
    if (deleting) return false;
    const written = this.#told.has(key) ? (this.#missing.get(key) ?? []) : exported;
    return [...written].some((object) => destinations.includes(object) && !this.#objects.has(object));
  }

  #remember(key: string, { fingerprint, dependencies }: Told): void {
    this.#told.set(key, { fingerprint, dependencies });
  }

  #forget(key: string): void {
    this.#told.delete(key);
    this.#due.delete(key);
    this.#missing.delete(key);
  }

  #markDependents(key: string): void {
    for (const dependent of this.#dependents.of(key)) this.#onDirty(dependent);
  }
}
