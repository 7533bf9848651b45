/**
 * A change of the state of a resource that a step made or found. A step records it with `StepContext.record` once it is
 * a fact: not before the write, and not for a resync that finds what was known. Never a secret value.
 */
export type Transition =
  /** It has its finalizer, and its ARM id is stored: from now on a deletion knows what to delete. */
  | { readonly to: 'Claimed'; readonly armId: string }
  /** Azure has answered to a request that changes something there. */
  | {
      readonly to: 'Sent';
      readonly method: 'PUT' | 'DELETE';
      readonly armId: string;
      readonly generation: number;
      /** Why it was sent. */
      readonly because: string;
      readonly httpStatus: number;
      readonly requestId: string | undefined;
    }
  /** An operation of Azure is running. */
  | { readonly to: 'AzureWorking'; readonly method: 'PUT' | 'DELETE'; readonly armId: string; readonly since: string }
  | { readonly to: 'Ready'; readonly armId: string; readonly generation: number }
  | { readonly to: 'Waiting'; readonly reason: string; readonly message: string }
  /** Azure's operation failed; the reconcile starts again after `retryInMs`. */
  | {
      readonly to: 'Failing';
      readonly reason: string;
      readonly message: string;
      readonly retryInMs: number;
      readonly requestId?: string;
    }
  /** The reconcile has failed: only a change or the resync starts another one. */
  | { readonly to: 'Failed'; readonly reason: string; readonly message: string }
  /** The resource is being deleted in Kubernetes, and stays in Azure. */
  | { readonly to: 'Detached' }
  /** The finalizer is removed: Kubernetes deletes the resource. */
  | { readonly to: 'Gone' };
