/**
 * What the other rooms may expect of `kinds/`: the types of its public functions. Everything here is pure: same input, same output,
 * no network, no clock. JSON in, JSON out.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** One kind of custom resource, as `kinds.json` states it. */
export interface Kind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  /** For example `Microsoft.DBforMySQL/flexibleServers`. */
  readonly armType: string;
  /** ARM api-versions, oldest first. */
  readonly apiVersions: readonly string[];
  /** ARM api-version -> served CRD version names, the older spellings (`v1alpha1api…`, `v1beta…`) included. */
  readonly served: Readonly<Record<string, readonly string[]>>;
  readonly scope: 'resourceGroup' | 'subscription' | 'tenant' | 'managementGroup' | 'extension';
  /** The kind that owns this one, `any` for extension resources, null where there is none. */
  readonly owner: { readonly group: string; readonly kind: string } | 'any' | null;
  /** False where ARM offers no DELETE. */
  readonly deletable: boolean;
  readonly existsBy: 'GET' | 'HEAD';
  /** `fixed`: the one name there can be, for a few kinds by api-version. */
  readonly azureName:
    { readonly default: 'metadata.name' | 'uuid5' } | { readonly fixed: string | Readonly<Record<string, string>> };
}

/** Something the spec names that must be read before a payload can be built. `path` is the place in the spec, for example
 * `administratorLoginPassword` or `network.delegatedSubnetResourceReference` or `a.b[2].reference`; it is the key of `Resolved`. */
export type SpecInput =
  | { readonly type: 'secret'; readonly path: string; readonly name: string; readonly key: string }
  | { readonly type: 'secretMap'; readonly path: string; readonly name: string }
  | { readonly type: 'configMap'; readonly path: string; readonly name: string; readonly key: string }
  | {
      readonly type: 'reference';
      readonly path: string;
      readonly group: string;
      readonly kind: string;
      readonly name: string;
    }
  | { readonly type: 'armId'; readonly path: string; readonly armId: string };

/** `SpecInput.path` -> the value: a string, or a string map for `secretMap`. References resolve to ARM ids. */
export type Resolved = ReadonlyMap<string, string | Readonly<Record<string, string>>>;

/** Where a value that is to be exported comes from. */
export type ExportSource =
  /** A path in the answer of GET (wire naming), for example `properties.documentEndpoint`. */
  | { readonly from: 'answer'; readonly path: string }
  /** An action (`POST <id>/<action>`) and where in its output the value is. One action is called once however many exports read it. */
  | {
      readonly from: 'action';
      readonly action: string;
      readonly path: string;
      readonly list?: string;
      readonly where?: Readonly<Record<string, string | null>>;
      readonly first?: boolean;
      readonly child?: string;
      readonly apiVersion?: string;
      readonly followId?: string;
      readonly idPart?: string | number;
      readonly encoding?: 'base64';
    };

/** One value that the spec asks to have written to a Secret or ConfigMap in its own namespace. */
export interface Export {
  readonly target: 'Secret' | 'ConfigMap';
  /** The name under `operatorSpec.secrets` or `operatorSpec.configMaps`, for example `primaryMasterKey`. */
  readonly field: string;
  /** The destination object and the key in it. */
  readonly name: string;
  readonly key: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly source: ExportSource;
}

/** A kind at one ARM api-version. Made once and kept: building it reads and walks a type file. */
export interface Shape {
  readonly kind: Kind;
  readonly apiVersion: string;
  /** The Secrets, ConfigMaps and references that a spec names. Order is that of the schema. */
  inputs(spec: JsonObject): SpecInput[];
  /**
   * The body of the PUT. `inputs` must have a value for each entry of `inputs(spec)`. `name` is the Azure name, put at the top level as ASO does.
   * `owner`, `azureName` and `operatorSpec` are ours and never sent.
   * @throws Error naming the path whose value is missing; never a value.
   */
  payload(input: { spec: JsonObject; name: string; inputs: Resolved }): JsonObject;
  /** The answer of GET in ASO's naming: `properties` flattened, `id` kept, secrets removed. Goes to `status` beside `conditions`. */
  status(answer: JsonObject): JsonObject;
  /** What the spec wants exported, with where each value comes from. */
  exports(spec: JsonObject): Export[];
  /**
   * Paths (wire naming, `a.b[0].c`) of payload fields that the answer of GET contradicts: what a user set, Azure returns, and differs.
   * Fields that are never returned (secrets, write-only, absent from the answer) do not count; locations and ids are compared as ARM treats them.
   */
  drift(payload: JsonObject, answer: JsonObject): string[];
}

/** All kinds. Holds what it has read, so that a process reads each type file once. */
export interface Kinds {
  all(): readonly Kind[];
  find(id: { group: string; kind: string }): Kind | undefined;
  /** The ARM api-version behind a CRD version name, for example `v1alpha1api20210501` -> `2021-05-01`; undefined for the storage version and unknown names. */
  apiVersionOf(kind: Kind, versionName: string): string | undefined;
  shape(kind: Kind, apiVersion: string): Shape;
}

/** The one CRD version that every kind is stored under and that the operator itself reads and writes: its schema keeps every field of every
 * served version, so nothing is pruned on the way. Users never write it. */
export const STORAGE_VERSION = 'v1storage';
