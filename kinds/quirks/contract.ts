import type { JsonObject } from '../contract.ts';

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
  | {
      readonly is: 'refused';
      /** Reasons of the condition (docs/errors.md). */
      readonly reason: 'ReferenceNotFound' | 'Failed';
      readonly message: string;
      readonly fatal: boolean;
    }
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
