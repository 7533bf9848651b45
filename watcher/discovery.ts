import { STORAGE_VERSION, type Kind, type Kinds } from '../kinds/contract.ts';
import type { ObjectMeta } from '../kube/contract.ts';
import { objectPath } from '../kube/object-path.ts';
import { Reflector, type ReflectorOptions } from '../kube/reflector.ts';
import type { Transport } from '../kube/transport.ts';
import type { CredentialHolds } from './credential-holds.ts';
import { configMapKey, secretKey } from './keys.ts';
import type { WatcherState } from './state.ts';

export interface DiscoveryDeps {
  readonly transport: Transport;
  readonly kinds: Kinds;
  readonly state: WatcherState;
  readonly holds: Pick<CredentialHolds, 'setSecret'>;
  readonly onFault: (what: string) => NonNullable<ReflectorOptions['onFault']>;
}

/**
 * The reflectors: one for each of our kinds that is installed, and those for what they depend on. Kinds come and go with their CRDs. Of a CRD the name
 * is enough; its schema, the bulk of it, is not fetched.
 */
export class Discovery {
  readonly #deps: DiscoveryDeps;
  /** Undefined: all namespaces. */
  readonly #namespaces: readonly (string | undefined)[];
  readonly #reflectors = new Map<string, Reflector>();
  readonly #stopping = new Set<Promise<void>>();
  readonly #unlisted = new Set<string>();
  /** Names of reflectors without whose list a fingerprint would be wrong. */
  readonly #essential = new Set<string>();
  readonly #complete = Promise.withResolvers<void>();
  readonly #essentials = Promise.withResolvers<void>();

  constructor(deps: DiscoveryDeps, targetNamespaces: readonly string[]) {
    this.#deps = deps;
    this.#namespaces = targetNamespaces.length > 0 ? targetNamespaces : [undefined];
  }

  /**
   * `complete` resolves when everything that is there has been listed once, `essentials` when what fingerprints cover has (before, a Secret only seems to
   * be absent) and the kinds are known.
   */
  start(): { essentials: Promise<void>; complete: Promise<void> } {
    const { state } = this.#deps;
    this.#addEssential('namespaces', {
      path: objectPath({ version: 'v1', plural: 'namespaces' }),
      metadataOnly: true,
      onUpsert: (object) => state.setNamespace(object.metadata.name, object),
      onGone: ({ name }) => state.setNamespace(name, undefined),
    });
    for (const namespace of this.#namespaces) {
      this.#addObjects('secrets', secretKey, namespace);
      this.#addObjects('configmaps', configMapKey, namespace);
    }
    const kinds = new Map(this.#deps.kinds.all().map((kind) => [`${kind.plural}.${kind.group}`, kind]));
    this.#addEssential('customresourcedefinitions', {
      path: objectPath({ group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' }),
      metadataOnly: true,
      onUpsert: ({ metadata }) => this.#withKind(kinds.get(metadata.name), (kind) => this.#addKind(kind)),
      onGone: ({ name }) => this.#withKind(kinds.get(name), (kind) => this.#removeKind(kind)),
    });
    return { essentials: this.#essentials.promise, complete: this.#complete.promise };
  }

  /** What has not been listed yet. */
  unlisted(): string[] {
    return [...this.#unlisted];
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#stopping, ...[...this.#reflectors.values()].map((reflector) => reflector.stop())]);
  }

  #withKind(kind: Kind | undefined, then: (kind: Kind) => void): void {
    if (kind) then(kind);
  }

  #addKind(kind: Kind): void {
    const { state } = this.#deps;
    for (const namespace of this.#namespaces) {
      this.#add(reflectorName(kind, namespace), {
        path: objectPath({ ...at(namespace), group: kind.group, version: STORAGE_VERSION, plural: kind.plural }),
        metadataOnly: false,
        onUpsert: (object) => state.upsertResource(kind, object),
        onGone: ({ uid, name, namespace: of = '' }) =>
          state.removeResource({ group: kind.group, kind: kind.kind, namespace: of, name }, uid),
      });
    }
  }

  #removeKind(kind: Kind): void {
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
      path: objectPath({ ...at(namespace), version: 'v1', plural }),
      metadataOnly: true,
      onUpsert: ({ metadata }) => set(keyOf(metadata.namespace ?? '', metadata.name), metadata),
      onGone: ({ namespace: of = '', name }) => set(keyOf(of, name), undefined),
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
      onFault: this.#deps.onFault(name),
      onListed: () => this.#listed(name),
    });
    this.#reflectors.set(name, reflector);
    this.#unlisted.add(name);
    reflector.start();
  }

  /** The kinds are added while the CRDs are listed, so the set is empty only when they too are done. */
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

function at(namespace: string | undefined): { namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}
