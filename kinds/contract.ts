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
  /** GET answers 404 for a while after the PUT that creates it was accepted: a 404 then is no reason to send it again. */
  readonly invisibleWhileCreated: boolean;
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

/** Where in an answer of Azure a value is. */
export interface ValuePlace {
  /** Names with `.` between and `[0]` for an item; below the chosen item where there is a `list`. */
  readonly path: string;
  /** The path of a list; `where` (paths below an item, null: it has none) or `first` choose the item. */
  readonly list?: string;
  readonly where?: Readonly<Record<string, Json>>;
  readonly first?: boolean;
  /** To be decoded. */
  readonly encoding?: 'base64';
}

/** Where a value that is to be exported comes from. */
export type ExportSource =
  /** The answer of GET (wire naming); with `follow` that of the resource whose id stands at this path of the answer. */
  | (ValuePlace & { readonly from: 'answer'; readonly follow?: string; readonly apiVersion?: string })
  /** An action (`POST <id>/<action>`), of a child where one is named. It is called once however many exports read its output. */
  | (ValuePlace & {
      readonly from: 'action';
      readonly action: string;
      readonly child?: string;
      readonly apiVersion?: string;
    })
  /** A part of the resource's own ARM id. */
  | { readonly from: 'id'; readonly part: 'subscription' | 'resourceGroup' | 'name' };

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
  /**
   * Not every resource of the kind has it (an identity's principal where there may be none): where Azure does not answer it, it is left out, as in ASO. Any
   * other that cannot be had is a failure. Never a Secret's.
   */
  readonly optional: boolean;
}

/** A CEL expression whose value the spec asks to have written: one text under `key`, or a map of keys to texts. */
export interface ExportExpression {
  readonly target: 'Secret' | 'ConfigMap';
  /** Its place in the spec, for messages. */
  readonly field: string;
  readonly name: string;
  readonly key?: string;
  readonly expression: string;
  /** Name -> expression that gives a text. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** What `secret.<name>` in it stands for. */
  readonly secrets: Readonly<Record<string, ExportSource>>;
}

/** Why a spec cannot be reconciled whatever Azure says. */
export interface SpecProblem {
  /** Place in the spec: `operatorSpec.secrets.primaryMasterKey.key`. */
  readonly field: string;
  /** The value, the rule that it breaks and what to do. Never a secret. */
  readonly message: string;
}

/** A place where Azure has something else than was sent. */
export interface Difference {
  /** In the payload, wire naming: `a.b[0].c`. */
  readonly path: string;
  /** What Azure has there; undefined where it has nothing. Where there are too many differences to name, those of one list or object by their paths. */
  readonly actual: Json | undefined;
  /** A list that holds more entries than were sent. What of those that were sent is missing or otherwise is told apart from this. */
  readonly holdsMore?: true;
}

/** Something in Azure that has to be read first. `filter` is OData, for a list. */
export interface Lookup {
  readonly id: string;
  readonly apiVersion: string;
  readonly filter?: string;
}

export interface QuirkInput {
  readonly payload: JsonObject;
  /** What GET answers now; undefined: the resource does not exist. */
  readonly existing: JsonObject | undefined;
  readonly armId: string;
  readonly apiVersion: string;
}

export type Verdict =
  | { readonly is: 'payload'; readonly payload: JsonObject }
  /** It cannot be sent as it is. */
  | { readonly is: 'refused'; readonly reason: string; readonly message: string; readonly fatal: boolean }
  /** Something has to go first: POST this action of it, and wait until GET finds it no more. */
  | { readonly is: 'remove'; readonly target: Lookup; readonly action: string };

/** What Azure refused, without anything secret. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export interface Quirk {
  /** What `beforePut` wants to know, in the order of its `answers`. */
  reads?(input: QuirkInput): readonly Lookup[];
  /** Decides on the payload before it is compared with what exists. */
  beforePut?(input: QuirkInput & { readonly answers: readonly (JsonObject | undefined)[] }): Verdict;
  /** How soon to try again after a refusal; undefined: as for all kinds. */
  retryOf?(refusal: Refusal): 'Slow' | 'Fatal' | undefined;
  /** Lists of children besides the row's `keepChildren`. */
  readonly keepChildren?: readonly string[];
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
  /** What this kind needs besides, before a PUT. */
  readonly quirk: Pick<Quirk, 'reads' | 'beforePut'>;
  /** What is wrong with the destinations and expressions of `operatorSpec`, found without any value: to be told before Azure is called. */
  problems(spec: JsonObject): SpecProblem[];
  /** What the spec wants exported, with where each value comes from. */
  exports(spec: JsonObject): Export[];
  /** The expressions of `operatorSpec.secretExpressions` and `configMapExpressions`. */
  expressions(spec: JsonObject): ExportExpression[];
  /**
   * Where the answer of GET is not what the payload says, with what is there instead; never a secret or what is write-only. Locations, ids and the like are
   * compared as ARM treats them. At most 200. Which of these are drift, `driftFrom` of `baseline.ts` tells.
   */
  differences(payload: JsonObject, answer: JsonObject): Difference[];
}

/** All kinds. Holds what it has read, so that a process reads each type file once. */
export interface Kinds {
  all(): readonly Kind[];
  find(id: { group: string; kind: string }): Kind | undefined;
  /** The ARM api-version behind a CRD version name, for example `v1alpha1api20210501` -> `2021-05-01`; undefined for the storage version and unknown names. */
  apiVersionOf(kind: Kind, versionName: string): string | undefined;
  shape(kind: Kind, apiVersion: string): Shape;
  /**
   * The shape of one custom resource: at the ARM api-version behind the version name that its user last applied, the newest where nobody can be found to
   * have applied it. `shape.kind` is the kind as this resource has it; only GenericResource says more there than `kind`.
   */
  shapeFor(kind: Kind, object: { readonly versionName: string | undefined; readonly spec: JsonObject }): Shape;
}

/** The one CRD version that every kind is stored under and that the operator itself reads and writes: its schema keeps every field of every
 * served version, so nothing is pruned on the way. Users never write it. */
export const STORAGE_VERSION = 'v1storage';
