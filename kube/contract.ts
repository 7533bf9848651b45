/**
 * What the other rooms may expect of `kube/`: the Kubernetes API as this operator uses it. One keep-alive dispatcher per process, a timeout on every
 * call, plain JSON in and out, and `KubeError` as the only error.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  blockOwnerDeletion?: boolean;
  controller?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  managedFields?: {
    manager: string;
    operation: string;
    apiVersion: string;
    time?: string;
    subresource?: string;
    fieldsV1?: JsonObject;
  }[];
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: JsonObject;
  status?: JsonObject & { conditions?: Condition[] };
}

/** ASO's own condition, not metav1.Condition: it has a severity. */
export type Condition = {
  /** Ours is `Ready`; others may write their own beside it. */
  type: string;
  status: 'True' | 'False' | 'Unknown';
  severity?: 'Error' | 'Warning' | 'Info';
  reason: string;
  message?: string;
  observedGeneration?: number;
  lastTransitionTime: string;
};

/** Where an object lives: `plural` in lower case; without a group it is core/v1. */
export interface ObjectPath {
  readonly group?: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name: string;
  readonly subresource?: 'status';
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface KubeClient {
  /** Undefined on 404. */
  get<T extends KubeObject | JsonObject = KubeObject>(path: ObjectPath, options?: CallOptions): Promise<T | undefined>;
  create<T extends KubeObject | JsonObject = KubeObject>(
    path: Omit<ObjectPath, 'name'>,
    body: JsonObject,
    options?: CallOptions,
  ): Promise<T>;
  /** Server-side apply. `force` false surfaces a foreign owner of a field as KubeError 409 with `causes`. */
  apply<T extends KubeObject | JsonObject = KubeObject>(
    path: ObjectPath,
    body: JsonObject,
    how: { fieldManager: string; force: boolean } & CallOptions,
  ): Promise<T>;
  /** JSON merge patch; put metadata.resourceVersion in the body for an optimistic lock (409 when it moved). */
  mergePatch<T extends KubeObject | JsonObject = KubeObject>(
    path: ObjectPath,
    body: JsonObject,
    how: { fieldManager: string } & CallOptions,
  ): Promise<T>;
  /** RFC 6902; a failed `test` is KubeError 422. */
  jsonPatch<T extends KubeObject | JsonObject = KubeObject>(
    path: ObjectPath,
    body: Json[],
    how: { fieldManager: string } & CallOptions,
  ): Promise<T>;
  /** False when it was gone already. */
  delete(path: ObjectPath, how?: { uid?: string } & CallOptions): Promise<boolean>;
  /** Raw request for what the above does not cover (CRDs, discovery, readyz). Throws KubeError on status >= 400. */
  request(
    method: string,
    urlPath: string,
    body?: Json,
    headers?: Record<string, string>,
    options?: CallOptions,
  ): Promise<{ status: number; body: Json | undefined }>;
  close(): Promise<void>;
}
