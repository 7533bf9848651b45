import { STORAGE_VERSION, type Kind, type Kinds } from '../kinds/contract.ts';
import type { ObjectMeta } from '../kube/contract.ts';
import { objectPath } from '../kube/object-path.ts';
import { Reflector, type ReflectorOptions } from '../kube/reflector.ts';
import type { Transport } from '../kube/transport.ts';
import type { WatcherConfig } from './config.ts';
import type { CredentialHolds } from './credential-holds.ts';
import { configMapKey, secretKey } from './object-keys.ts';
import type { WatcherState } from './state.ts';

export interface DiscoveryDeps {
  readonly transport: Transport;
  readonly kinds: Kinds;
  readonly state: WatcherState;
  readonly holds: Pick<CredentialHolds, 'setSecret'>;
  readonly onError: (collection: string) => NonNullable<ReflectorOptions['onError']>;
  readonly onCorrected: (collection: string, objects: number) => void;
}

/** What is watched. */
export type DiscoveryOptions = Pick<WatcherConfig, 'targetNamespaces' | 'watchSecrets'>;

/**
 * Runs the reflectors: one for each installed kind of this operator, and one for each type of object that resources
 * depend on. Kinds are added and removed with their CRDs. Only the metadata of CRDs is fetched, because their schemas
 * are large.
 */
export class Discovery {
  readonly #deps: DiscoveryDeps;
  /** Undefined stands for all namespaces. */
  readonly #namespaces: readonly (string | undefined)[];
  readonly #watchSecrets: boolean;
  readonly #reflectors = new Map<string, Reflector>();
  readonly #stopping = new Set<Promise<void>>();
  readonly #unlisted = new Set<string>();
  readonly #installed = new Set<Kind>();
  /** Names of the reflectors that have not listed yet and whose objects are part of fingerprints. */
  readonly #essential = new Set<string>();
  readonly #complete = Promise.withResolvers<void>();
  readonly #essentials = Promise.withResolvers<void>();

  constructor(deps: DiscoveryDeps, { targetNamespaces, watchSecrets }: DiscoveryOptions) {
    this.#deps = deps;
    this.#watchSecrets = watchSecrets;
    this.#namespaces = targetNamespaces.length > 0 ? targetNamespaces : [undefined];
  }

  /**
   * `complete` resolves when every collection was listed once. `essentials` resolves earlier: when the kinds are known
   * and everything that fingerprints cover was listed. Before that, a Secret may seem to be absent because it was not
   * listed yet.
   */
  start(): { essentials: Promise<void>; complete: Promise<void> } {
    for (const namespace of this.#namespaces) {
      this.#addNamespaces(namespace);
      if (this.#watchSecrets) this.#addObjects('secrets', secretKey, namespace);
      this.#addObjects('configmaps', configMapKey, namespace);
    }
    const kinds = new Map(this.#deps.kinds.all().map((kind) => [`${kind.plural}.${kind.group}`, kind]));
    this.#addEssential('customresourcedefinitions', {
      path: objectPath({ group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' }),
      metadataOnly: true,
      onUpsert: ({ metadata }) => this.#withKind(kinds.get(metadata.name), (kind) => this.#addKind(kind)),
      onDelete: ({ name }) => this.#withKind(kinds.get(name), (kind) => this.#removeKind(kind)),
    });
    return { essentials: this.#essentials.promise, complete: this.#complete.promise };
  }

  /** Names of the collections that were not listed yet. */
  unlisted(): string[] {
    return [...this.#unlisted];
  }

  /** How many kinds of this operator are installed in the cluster. */
  get kindCount(): number {
    return this.#installed.size;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#stopping, ...[...this.#reflectors.values()].map((reflector) => reflector.stop())]);
  }

  #withKind(kind: Kind | undefined, then: (kind: Kind) => void): void {
    if (kind) then(kind);
  }

  #addKind(kind: Kind): void {
    const { state } = this.#deps;
    this.#installed.add(kind);
    for (const namespace of this.#namespaces) {
      this.#add(reflectorName(kind, namespace), {
        path: objectPath({
          ...inNamespace(namespace),
          group: kind.group,
          version: STORAGE_VERSION,
          plural: kind.plural,
        }),
        metadataOnly: false,
        onUpsert: (object) => state.upsertResource(kind, object),
        onDelete: ({ uid, name, namespace: of = '' }) =>
          state.removeResource({ group: kind.group, kind: kind.kind, namespace: of, name }, uid),
      });
    }
  }

  #removeKind(kind: Kind): void {
    this.#installed.delete(kind);
    this.#deps.state.removeKind(kind);
    for (const namespace of this.#namespaces) {
      const name = reflectorName(kind, namespace);
      const reflector = this.#reflectors.get(name);
      if (!reflector) continue;
      this.#reflectors.delete(name);
      const stopped = reflector.stop().finally(() => this.#stopping.delete(stopped));
      this.#stopping.add(stopped);
      this.#listed(name);
    }
  }

  /** With target namespaces only those themselves, so that a role can name them. */
  #addNamespaces(name: string | undefined): void {
    const { state } = this.#deps;
    this.#addEssential(name === undefined ? 'namespaces' : `namespace ${name}`, {
      path: objectPath({ version: 'v1', plural: 'namespaces' }),
      metadataOnly: true,
      ...(name === undefined ? {} : { name }),
      onUpsert: (object) => state.setNamespace(object.metadata.name, object),
      onDelete: ({ name: of }) => state.setNamespace(of, undefined),
    });
  }

  #addObjects(
    plural: 'secrets' | 'configmaps',
    keyOf: (namespace: string, name: string) => string,
    namespace: string | undefined,
  ): void {
    const { state, holds } = this.#deps;
    const set = (key: string, metadata: ObjectMeta | undefined): void => {
      state.setObject(key, metadata);
      if (plural === 'secrets') holds.setSecret(key, metadata);
    };
    this.#addEssential(namespace === undefined ? plural : `${plural} in ${namespace}`, {
      path: objectPath({ ...inNamespace(namespace), version: 'v1', plural }),
      metadataOnly: true,
      onUpsert: ({ metadata }) => set(keyOf(metadata.namespace ?? '', metadata.name), metadata),
      onDelete: ({ namespace: of = '', name }) => set(keyOf(of, name), undefined),
    });
  }

  #addEssential(name: string, options: ReflectorOptions): void {
    this.#essential.add(name);
    this.#add(name, options);
  }

  #add(name: string, options: ReflectorOptions): void {
    if (this.#reflectors.has(name)) return;
    const reflector = new Reflector(this.#deps.transport, {
      ...options,
      onError: this.#deps.onError(name),
      onListed: () => this.#listed(name),
      onCorrected: (objects) => this.#deps.onCorrected(name, objects),
    });
    this.#reflectors.set(name, reflector);
    this.#unlisted.add(name);
    reflector.start();
  }

  /**
   * The reflectors of kinds are added during the list of CRDs, so `#unlisted` is only empty when they have listed too.
   */
  #listed(name: string): void {
    this.#unlisted.delete(name);
    this.#essential.delete(name);
    if (this.#essential.size === 0) this.#essentials.resolve();
    if (this.#unlisted.size === 0) this.#complete.resolve();
  }
}

function reflectorName(kind: Kind, namespace: string | undefined): string {
  return namespace === undefined ? `${kind.plural}.${kind.group}` : `${kind.plural}.${kind.group} in ${namespace}`;
}

function inNamespace(namespace: string | undefined): { namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}
