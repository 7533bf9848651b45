/**
 * The types of everything in `kinds/` that other rooms may use. The functions are pure: the same input gives the same
 * output, without network or clock. JSON in, JSON out.
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
  /** The kind that owns this one; `any` for extension resources; null for a kind without an owner. */
  readonly owner: { readonly group: string; readonly kind: string } | 'any' | null;
  /** False where ARM offers no DELETE. */
  readonly deletable: boolean;
  readonly existsBy: 'GET' | 'HEAD';
  /** After Azure accepts a creating PUT, GET answers 404 for a while. Such a 404 is no reason to send the PUT again. */
  readonly invisibleWhileCreated: boolean;
  /** `fixed`: the only name that Azure allows; for a few kinds it depends on the api-version. */
  readonly azureName:
    { readonly default: 'metadata.name' | 'uuid5' } | { readonly fixed: string | Readonly<Record<string, string>> };
}

/**
 * Something that must be read before the payload can be built. `path` is the field of the spec that names it, such as
 * `administratorLoginPassword`, `network.delegatedSubnetResourceReference` or `a.b[2].reference`; it is the key in
 * `Resolved`.
 */
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

/** Selects one value in an answer of Azure. */
export interface ValueSelector {
  /** Names separated by `.`, with `[0]` for an item; relative to the chosen item where there is a `list`. */
  readonly path: string;
  /**
   * The path of a list. `where` selects the item by the values at paths below it (null: the item lacks that property);
   * `first` selects the first item.
   */
  readonly list?: string;
  readonly where?: Readonly<Record<string, Json>>;
  readonly first?: boolean;
  /** How to decode the value. */
  readonly encoding?: 'base64';
}

/** The source of an exported value. */
export type ExportSource =
  /** The answer of GET, in wire naming. With `follow`: the answer of GET for the resource whose id is at that path. */
  | (ValueSelector & { readonly from: 'answer'; readonly follow?: string; readonly apiVersion?: string })
  /**
   * The output of an action (`POST <id>/<action>`). With `child`: the action of this child resource. An action is
   * called once for all exports that read its output.
   */
  | (ValueSelector & {
      readonly from: 'action';
      readonly action: string;
      readonly child?: string;
      readonly apiVersion?: string;
    })
  /** A part of the resource's own ARM id. */
  | { readonly from: 'id'; readonly part: 'subscription' | 'resourceGroup' | 'name' };

/** One value that the spec asks to write to a Secret or ConfigMap in the same namespace. */
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
  /**
   * Whether a missing value is skipped, as in ASO, because not every resource of the kind has it (such as the principal
   * of an optional identity). Any other missing value is a failure. Always false for a Secret.
   */
  readonly optional: boolean;
}

/** A CEL expression whose result the spec asks to write: one string under `key`, or a map of keys to strings. */
export interface ExportExpression {
  readonly target: 'Secret' | 'ConfigMap';
  /** The field of the spec, for messages. */
  readonly field: string;
  readonly name: string;
  readonly key?: string;
  readonly expression: string;
  /** Name -> expression that gives a string. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** The sources of the secrets that the expression reads as `secret.<name>`. */
  readonly secrets: Readonly<Record<string, ExportSource>>;
}

/** Why a spec cannot be reconciled, whatever Azure answers. */
export interface SpecProblem {
  /** The field of the spec, such as `operatorSpec.secrets.primaryMasterKey.key`. */
  readonly field: string;
  /** The value, the rule that it breaks and what to do about it. Never a secret. */
  readonly message: string;
}

/** A path at which the answer of Azure differs from the payload. */
export interface Difference {
  /** The path in the payload, in wire naming: `a.b[0].c`. */
  readonly path: string;
  /**
   * The value that Azure answers; undefined where it answers none. Where too many differences were merged into this
   * one: the values of all differences below this path, keyed by their paths.
   */
  readonly actual: Json | undefined;
  /**
   * Set where a list in the answer holds more entries than were sent. Entries that were sent and are missing or changed
   * are differences of their own.
   */
  readonly holdsMore?: true;
}

/** A resource or a list in Azure that must be read before the PUT. `filter` is an OData filter, for a list. */
export interface Lookup {
  readonly id: string;
  readonly apiVersion: string;
  readonly filter?: string;
}

export interface QuirkInput {
  readonly payload: JsonObject;
  /** The answer of GET; undefined where the resource does not exist. */
  readonly existing: JsonObject | undefined;
  readonly armId: string;
  readonly apiVersion: string;
}

export type QuirkDecision =
  | { readonly type: 'payload'; readonly payload: JsonObject }
  /** The payload cannot be sent as it is. */
  | {
      readonly type: 'refused';
      /** Reasons of the condition (docs/errors.md). */
      readonly reason: 'ReferenceNotFound' | 'Failed';
      readonly message: string;
      readonly fatal: boolean;
    }
  /** Another resource must be removed first: POST `action` of `lookup`, then wait until GET of it answers 404. */
  | { readonly type: 'remove'; readonly lookup: Lookup; readonly action: string };

/** A call of an action in Azure: POST `<id>/<action>`. */
export interface ActionCall {
  readonly id: string;
  readonly apiVersion: string;
  readonly action: string;
  readonly body?: JsonObject;
}

/** A resource in Azure, as the answer of GET shows it. */
interface QuirkResource {
  readonly answer: JsonObject;
  readonly armId: string;
  readonly apiVersion: string;
}

/** Whether a resource that Azure has accepted does what it is for. */
export type Readiness =
  | { readonly type: 'ready' }
  /** Not yet, or not as it is. `action`: the call after which Azure tries again. */
  | { readonly type: 'notReady'; readonly message: string; readonly action?: ActionCall };

/** What a DELETE is sent with, besides the api-version. */
interface DeleteOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly ifMatch?: string;
}

/** The error with which Azure refused a request. It contains no secret. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export interface Quirk {
  /** What `beforePut` needs to read; its `answers` are in the same order. */
  reads?(input: QuirkInput): readonly Lookup[];
  /** Decides on the payload before it is compared with the resource in Azure. */
  beforePut?(input: QuirkInput & { readonly answers: readonly (JsonObject | undefined)[] }): QuirkDecision;
  /**
   * For kinds whose `provisioningState` says nothing about what they are for. Called with each answer that agrees with
   * the spec; the resource becomes Ready only if it is `ready`.
   */
  readiness?(resource: QuirkResource): Readiness;
  /** What `beforeDelete` needs to read; its `answers` are in the same order. */
  readsForDelete?(resource: QuirkResource): readonly Lookup[];
  /** The action that Azure must have accepted before the DELETE is sent; undefined if there is none. */
  beforeDelete?(
    resource: QuirkResource & { readonly answers: readonly (JsonObject | undefined)[] },
  ): ActionCall | undefined;
  readonly deleteOptions?: DeleteOptions;
  /** How soon to retry after a refusal; undefined where the kind has no rule of its own. */
  retryOf?(refusal: Refusal): 'Slow' | 'Fatal' | undefined;
  /** Lists of child resources in addition to those in `keepChildren` of the row. */
  readonly keepChildren?: readonly string[];
}

/** A kind at one ARM api-version. To make one, a type file is read and walked, so each is made once and cached. */
export interface Shape {
  readonly kind: Kind;
  readonly apiVersion: string;
  /** The Secrets, ConfigMaps and references that a spec names, in the order of the schema. */
  inputs(spec: JsonObject): SpecInput[];
  /**
   * The body of the PUT. `inputs` must hold a value for each entry of `inputs(spec)`. `name` is the name in Azure; it
   * stands at the top level, as in ASO. `owner`, `azureName` and `operatorSpec` are never sent.
   * @throws Error naming the path whose value is missing; never a value.
   */
  payload(input: { spec: JsonObject; name: string; inputs: Resolved }): JsonObject;
  /** The answer of GET in ASO's naming, for `status`: `properties` flattened, `id` kept, secrets removed. */
  status(answer: JsonObject): JsonObject;
  /** The behaviour of this kind before a PUT, after it and at a deletion. */
  readonly quirk: Omit<Quirk, 'retryOf' | 'keepChildren'>;
  /**
   * The fields that this api-version does not have, and what is wrong with the destinations and expressions of
   * `operatorSpec`. The check needs no values, so its result can be reported before Azure is called.
   */
  problems(spec: JsonObject): SpecProblem[];
  /** The exports that the spec asks for, with the source of each value. */
  exports(spec: JsonObject): Export[];
  /** The expressions of `operatorSpec.secretExpressions` and `configMapExpressions`. */
  expressions(spec: JsonObject): ExportExpression[];
  /**
   * Where the answer of GET differs from the payload, at most 200 paths. Secrets and write-only values are not
   * compared. Locations, ids and similar values are compared as ARM compares them. `driftFrom` (`mapping/baseline.ts`)
   * says which differences are drift.
   */
  differences(payload: JsonObject, answer: JsonObject): Difference[];
}

/** All kinds. It caches what it has read, so a process reads each type file once. */
export interface Kinds {
  all(): readonly Kind[];
  find(id: { group: string; kind: string }): Kind | undefined;
  /**
   * The ARM api-version of a CRD version name, for example `v1alpha1api20210501` -> `2021-05-01`; undefined for the
   * storage version and for unknown names.
   */
  apiVersionOf(kind: Kind, versionName: string): string | undefined;
  shape(kind: Kind, apiVersion: string): Shape;
  /**
   * The shape of one custom resource, at the api-version of the version name that the user last applied; without such a
   * name, at the newest api-version. `shape.kind` equals `kind`, except for a GenericResource, whose spec determines
   * it.
   */
  shapeFor(kind: Kind, object: { readonly versionName: string | undefined; readonly spec: JsonObject }): Shape;
}

/**
 * The CRD version in which every kind is stored, and in which the operator reads and writes. Its schema keeps every
 * field of every served version, so nothing is pruned. Users never write it.
 */
export const STORAGE_VERSION = 'v1storage';
