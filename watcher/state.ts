import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import type { Change } from '../contract/signals.ts';
import type { Kind, Kinds } from '../kinds/contract.ts';
import type { KubeObject } from '../kube/contract.ts';
import { annotationOf } from '../kube/annotations.ts';
import { CREDENTIAL_FINALIZER } from '../kube/names.ts';
import type { CredentialNeed } from './credential-holds.ts';
import { changeOf, dependenciesOf, fingerprintOf, type Surroundings } from './fingerprint.ts';
import { namespaceKey } from './keys.ts';
import { credentialOf, toKnownResource, type KnownResource } from './known-resource.ts';
import { reasonToTell, type Reason } from './reason.ts';
import { Things } from './things.ts';

/** What is to be told about a key. */
export type News =
  | { readonly type: 'changed'; readonly because: Reason; readonly ref: ResourceRef; readonly change: Change }
  | { readonly type: 'gone'; readonly ref: ResourceRef; readonly uid: string };

type Told = Pick<Change, 'fingerprint' | 'dependencies'>;

/** All that the watcher knows. Changes come in, keys whose news may be worth telling go out through `onDirty`. */
export class WatcherState {
  readonly #kinds: Kinds;
  readonly #onDirty: (key: string) => void;
  readonly #onCredential: (key: string) => void;
  readonly #resources = new Map<string, KnownResource>();
  readonly #vanished = new Map<string, { ref: ResourceRef; uid: string }>();
  readonly #policies = new Map<string, string>();
  readonly #things = new Things();
  readonly #told = new Map<string, Told>();
  /** Resources whose resync is due. */
  readonly #due = new Set<string>();
  /** Resource -> objects that were written for it and then deleted. */
  readonly #missing = new Map<string, Set<string>>();
  readonly #around: Surroundings = {
    object: (key) => this.#things.object(key),
    policyOf: (namespace) => this.#policies.get(namespace),
    resource: (key) => this.#resources.get(key),
  };

  /** @param onCredential is given the key of a Secret when somebody new needs it as a credential, or somebody does no more. */
  constructor(kinds: Kinds, onDirty: (key: string) => void, onCredential: (key: string) => void = () => undefined) {
    this.#kinds = kinds;
    this.#onDirty = onDirty;
    this.#onCredential = onCredential;
  }

  keys(): Iterable<string> {
    return this.#resources.keys();
  }

  upsertResource(kind: Kind, object: KubeObject): void {
    const { name, namespace = '' } = object.metadata;
    const before = this.#resources.get(workflowId({ group: kind.group, kind: kind.kind, namespace, name }));
    const shared = (key: string): string => this.#things.shared(key);
    const resource = toKnownResource(this.#kinds, { kind, object, before, shared });
    const { key } = resource;
    if (before && before.uid !== resource.uid) this.#forget(key);
    this.#vanished.delete(key);
    this.#resources.set(key, resource);
    this.#things.link(key, dependenciesOf(resource), before ? dependenciesOf(before) : []);
    this.#onDirty(key);
    this.#tellCredential(before, resource);
    if (before?.ready !== resource.ready || before.resourceId !== resource.resourceId) this.#markDependents(key);
  }

  removeResource(ref: ResourceRef, uid: string): void {
    const key = workflowId(ref);
    const known = this.#resources.get(key);
    if (known?.uid !== uid) return;
    this.#resources.delete(key);
    this.#things.link(key, [], dependenciesOf(known));
    this.#forget(key);
    this.#tellCredential(known, undefined);
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
    const before = this.#things.object(key);
    // Shared with the resource where it is ours, which it mostly is; a single text is joined to itself.
    const owners = metadata?.ownerReferences?.map(({ uid }) => uid).join(',') ?? '';
    const held = metadata?.finalizers?.includes(CREDENTIAL_FINALIZER) ?? false;
    // Our finalizer came or went: that is our own write, and nothing that a resource could have waited for.
    const isOurs = before !== undefined && (before.held ?? false) !== held;
    const version = isOurs ? before.version : metadata?.resourceVersion;
    this.#things.setObject(
      key,
      version === undefined || !metadata ? undefined : { version, owners, ...(held && { held }) },
    );
    if (!metadata && before) this.#exportDeleted(key, before.owners);
    this.#markDependents(key);
  }

  setNamespace(name: string, object: KubeObject | undefined): void {
    const policy = object && annotationOf(object, 'reconcilePolicy');
    if (policy === this.#policies.get(name)) return;
    if (policy === undefined) this.#policies.delete(name);
    else this.#policies.set(name, policy);
    this.#markDependents(namespaceKey(name));
  }

  /** Who needs a Secret as a credential. */
  credentialNeed(key: string): CredentialNeed {
    let need: CredentialNeed = 'none';
    for (const dependent of this.#things.dependentsOf(key)) {
      const resource = this.#resources.get(dependent);
      if (!resource || credentialOf(resource) !== key) continue;
      if (resource.claimed) return 'claimed';
      if (!resource.deleting) need = 'unclaimed';
    }
    return need;
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

  #exportDeleted(key: string, owners: string): void {
    for (const dependent of this.#things.dependentsOf(key)) {
      const resource = this.#resources.get(dependent);
      if (!resource || resource.deleting || !owners.includes(resource.uid)) continue;
      if (!resource.destinations.includes(key)) continue;
      const missing = this.#missing.get(dependent);
      if (missing) missing.add(key);
      else this.#missing.set(dependent, new Set([key]));
    }
  }

  /** Whatever was written is looked for once, when a resource is first looked at; from then on deletions are seen. */
  #isExportMissing(key: string, { exported, destinations, deleting }: KnownResource): boolean {
    if (deleting) return false;
    const written = this.#told.has(key) ? (this.#missing.get(key) ?? []) : exported;
    return [...written].some((object) => destinations.includes(object) && !this.#things.object(object));
  }

  #tellCredential(before: KnownResource | undefined, now: KnownResource | undefined): void {
    const [was, is] = [before, now].map((resource) => resource && credentialOf(resource));
    if (was === is && before?.claimed === now?.claimed && before?.deleting === now?.deleting) return;
    for (const key of new Set([was, is])) if (key !== undefined) this.#onCredential(key);
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
    for (const dependent of this.#things.dependentsOf(key)) this.#onDirty(dependent);
  }
}
