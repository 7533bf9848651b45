import { workflowId, type ResourceRef } from '../contract/resource-ref.ts';
import type { Change } from '../contract/signals.ts';
import type { Kind, Kinds } from '../kinds/contract.ts';
import type { KubeObject } from '../kube/contract.ts';
import { annotationOf } from '../kube/annotations.ts';
import { CREDENTIAL_FINALIZER } from '../kube/names.ts';
import type { CredentialNeed } from './credential-holds.ts';
import { changeOf, dependenciesOf, fingerprintOf, type ClusterView } from './fingerprint.ts';
import { namespaceKey } from './object-keys.ts';
import { credentialOf, toKnownResource, type KnownResource } from './known-resource.ts';
import { reasonToSignal, type SignalReason } from './signal-reason.ts';
import { DependencyIndex } from './dependency-index.ts';

/** The signal that a resource's workflow must get. */
export type PendingSignal =
  | { readonly type: 'changed'; readonly because: SignalReason; readonly ref: ResourceRef; readonly change: Change }
  | { readonly type: 'gone'; readonly ref: ResourceRef; readonly uid: string };

type SignalledFacts = Pick<Change, 'fingerprint' | 'dependencies'>;

/**
 * The observed state of the cluster. The reflectors report changes to it; `onChange` is called with each key whose
 * facts may have changed.
 */
export class WatcherState {
  readonly #kinds: Kinds;
  readonly #onChange: (key: string) => void;
  readonly #onCredential: (key: string) => void;
  readonly #operatorNamespace: string | undefined;
  readonly #resources = new Map<string, KnownResource>();
  readonly #vanished = new Map<string, { ref: ResourceRef; uid: string }>();
  readonly #policies = new Map<string, string>();
  readonly #index = new DependencyIndex();
  readonly #signalled = new Map<string, SignalledFacts>();
  /** Keys of the resources whose resync is due. */
  readonly #due = new Set<string>();
  /** By resource: the exported objects that were deleted. */
  readonly #missing = new Map<string, Set<string>>();
  readonly #cluster: ClusterView = {
    object: (key) => this.#index.object(key),
    policyOf: (namespace) => this.#policies.get(namespace),
    resource: (key) => this.#resources.get(key),
  };

  /** @param onCredential called with the key of a Secret when a resource starts or stops needing it as a credential */
  constructor(
    kinds: Kinds,
    onChange: (key: string) => void,
    onCredential: (key: string) => void = () => undefined,
    { operatorNamespace }: { operatorNamespace?: string } = {},
  ) {
    this.#operatorNamespace = operatorNamespace;
    this.#kinds = kinds;
    this.#onChange = onChange;
    this.#onCredential = onCredential;
  }

  keys(): Iterable<string> {
    return this.#resources.keys();
  }

  /** All resources but those that another operator manages. */
  *managed(): Iterable<KnownResource> {
    for (const resource of this.#resources.values()) if (!resource.isForeign) yield resource;
  }

  upsertResource(kind: Kind, object: KubeObject): void {
    const { name, namespace = '' } = object.metadata;
    const before = this.#resources.get(workflowId({ group: kind.group, kind: kind.kind, namespace, name }));
    const shared = (key: string): string => this.#index.shared(key);
    const resource = toKnownResource(this.#kinds, {
      kind,
      object,
      before,
      shared,
      operatorNamespace: this.#operatorNamespace,
    });
    const { key } = resource;
    if (before && before.uid !== resource.uid) this.#forget(key);
    this.#vanished.delete(key);
    this.#resources.set(key, resource);
    this.#index.link(key, dependenciesOf(resource), before ? dependenciesOf(before) : []);
    this.#onChange(key);
    this.#notifyCredential(before, resource);
    if (before?.uid !== resource.uid || before.ready !== resource.ready || before.resourceId !== resource.resourceId)
      this.#markDependents(key);
  }

  removeResource(ref: ResourceRef, uid: string): void {
    const key = workflowId(ref);
    const resource = this.#resources.get(key);
    if (resource?.uid !== uid) return;
    this.#resources.delete(key);
    this.#index.link(key, [], dependenciesOf(resource));
    this.#forget(key);
    this.#notifyCredential(resource, undefined);
    // After a deletion with a deletionTimestamp, the workflow itself released the resource.
    if (!resource.deleting) {
      this.#vanished.set(key, { ref, uid });
      this.#onChange(key);
    }
    this.#markDependents(key);
  }

  /** Removes a kind whose CRD was deleted, with all its resources. */
  removeKind(kind: Kind): void {
    for (const { ref, uid } of [...this.#resources.values()])
      if (ref.kind === kind.kind && ref.group === kind.group) this.removeResource(ref, uid);
  }

  /** Records a Secret or ConfigMap; undefined when it was deleted. */
  setObject(key: string, metadata: KubeObject['metadata'] | undefined): void {
    const before = this.#index.object(key);
    // Mostly one owner: joining a single string returns that string, which is then shared with the resource's uid.
    const owners = metadata?.ownerReferences?.map(({ uid }) => uid).join(',') ?? '';
    const hasFinalizer = metadata?.finalizers?.includes(CREDENTIAL_FINALIZER) ?? false;
    // Adding or removing the finalizer is the operator's own write, which no resource can have waited for: keep the
    // version.
    const isOwnWrite = before !== undefined && (before.hasFinalizer ?? false) !== hasFinalizer;
    const version = isOwnWrite ? before.version : metadata?.resourceVersion;
    this.#index.setObject(
      key,
      version === undefined || !metadata ? undefined : { version, owners, ...(hasFinalizer && { hasFinalizer }) },
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

  /** Whether resources need a Secret as their credential. */
  credentialNeed(key: string): CredentialNeed {
    let need: CredentialNeed = 'none';
    for (const dependent of this.#index.dependentsOf(key)) {
      const resource = this.#resources.get(dependent);
      if (!resource || credentialOf(resource) !== key) continue;
      if (resource.claimed) return 'claimed';
      if (!resource.deleting) need = 'unclaimed';
    }
    return need;
  }

  /** Whether the resource is Ready and its current facts are handled. */
  isUpToDate(key: string): boolean {
    const resource = this.#resources.get(key);
    return resource !== undefined && resource.ready && this.#isHandled(resource);
  }

  has(key: string): boolean {
    return this.#resources.has(key);
  }

  /** Requests a signal because the resync is due. */
  setDue(key: string): void {
    if (this.#resources.has(key)) this.#due.add(key);
  }

  /**
   * The signal that is due for a key; undefined when none is. For a resource that needs none at the first call, the
   * current dependencies count as signalled.
   */
  pendingSignal(key: string): PendingSignal | undefined {
    const vanished = this.#vanished.get(key);
    if (vanished) return { type: 'gone', ...vanished };
    const resource = this.#resources.get(key);
    if (!resource) return undefined;
    const change = changeOf(resource, this.#cluster);
    const signalled = this.#signalled.get(key);
    if (resource.isForeign && !this.#mayRun(signalled, change)) return undefined;
    const because = reasonToSignal({
      change,
      signalled,
      handledFingerprint: resource.handledFingerprint,
      ready: resource.ready,
      due: this.#due.has(key),
      exportMissing: this.#isExportMissing(key, resource),
    });
    if (because) return { type: 'changed', because, ref: resource.ref, change };
    if (!signalled) this.#remember(key, change);
    return undefined;
  }

  markSignalled(key: string, signal: PendingSignal): void {
    if (signal.type === 'gone') {
      if (this.#vanished.get(key)?.uid === signal.uid) this.#vanished.delete(key);
      return;
    }
    if (this.#resources.get(key)?.uid !== signal.change.uid) return;
    this.#due.delete(key);
    if (signal.because === 'destination') this.#missing.delete(key);
    this.#remember(key, signal.change);
  }

  /**
   * Another watcher leads and has sent the signals that were due. Facts that no reconcile has handled stay pending;
   * this watcher sends them once more when it leads.
   */
  assumeSignalled(key: string): void {
    this.#vanished.delete(key);
    this.#due.delete(key);
    this.#missing.delete(key);
    const resource = this.#resources.get(key);
    if (!resource) return;
    if (this.#isHandled(resource)) this.#remember(key, changeOf(resource, this.#cluster));
    else this.#signalled.delete(key);
  }

  /** A run may be open for a resource that has just been handed to another operator: tell it once, so that it stops. */
  #mayRun(signalled: SignalledFacts | undefined, { fingerprint }: SignalledFacts): boolean {
    return signalled !== undefined && signalled.fingerprint !== fingerprint;
  }

  #isHandled(resource: KnownResource): boolean {
    const { handledFingerprint } = resource;
    return handledFingerprint !== undefined && handledFingerprint === fingerprintOf(resource, this.#cluster);
  }

  #exportDeleted(key: string, owners: string): void {
    for (const dependent of this.#index.dependentsOf(key)) {
      const resource = this.#resources.get(dependent);
      if (!resource || resource.deleting || !owners.includes(resource.uid)) continue;
      if (!resource.destinations.includes(key)) continue;
      const missing = this.#missing.get(dependent);
      if (missing) missing.add(key);
      else this.#missing.set(dependent, new Set([key]));
    }
  }

  /**
   * At the first call for a resource, checks that the objects exist which its stored state lists. Later deletions are
   * observed.
   */
  #isExportMissing(key: string, { exported, destinations, deleting }: KnownResource): boolean {
    if (deleting) return false;
    const written = this.#signalled.has(key) ? (this.#missing.get(key) ?? []) : exported;
    return [...written].some((object) => destinations.includes(object) && !this.#index.object(object));
  }

  #notifyCredential(before: KnownResource | undefined, now: KnownResource | undefined): void {
    const [was, is] = [before, now].map((resource) => resource && credentialOf(resource));
    if (was === is && before?.claimed === now?.claimed && before?.deleting === now?.deleting) return;
    for (const key of new Set([was, is])) if (key !== undefined) this.#onCredential(key);
  }

  #remember(key: string, { fingerprint, dependencies }: SignalledFacts): void {
    this.#signalled.set(key, { fingerprint, dependencies });
  }

  #forget(key: string): void {
    this.#signalled.delete(key);
    this.#due.delete(key);
    this.#missing.delete(key);
  }

  #markDependents(key: string): void {
    for (const dependent of this.#index.dependentsOf(key)) this.#onChange(dependent);
  }
}
