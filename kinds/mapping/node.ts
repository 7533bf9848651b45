import type { Limits } from '../facts/type-file.ts';

/** A value in a custom resource. One tree of nodes determines schema, inputs, payload and status. */
export type Node =
  | {
      readonly type: 'string' | 'integer' | 'number' | 'boolean';
      readonly enum?: readonly (string | number)[];
      readonly limits: Limits;
    }
  /** Nothing is known about the value. */
  | { readonly type: 'any' }
  | { readonly type: 'array'; readonly items: Node; readonly limits: Limits; readonly empty: Empty }
  | { readonly type: 'map'; readonly values: Node; readonly empty: Empty }
  | ObjectNode
  /** `{name, key}` of a Secret, or `{name}` of a whole one. */
  | { readonly type: 'secret' }
  | { readonly type: 'secretMap' }
  | { readonly type: 'configMap' }
  /** `{group, kind, name}` or `{armId}`. */
  | { readonly type: 'reference'; readonly wellKnown: boolean }
  /** A list of `{reference}` that is a map keyed by id on the wire. */
  | { readonly type: 'identities' };

/** What is sent for an empty list or map. */
export type Empty = 'leaveOut' | 'null' | 'empty';

export interface ObjectNode {
  readonly type: 'object';
  readonly fields: readonly Field[];
  /** Wire paths of flattened objects that Azure requires, the outer ones first. */
  readonly requiredObjects?: readonly (readonly string[])[];
  /** In a status, for an object whose fields are variants: the fields that are shown if an answer names no variant. */
  readonly fieldsOfNoVariant?: readonly Field[];
}

export interface Field {
  /** The name in the custom resource. */
  readonly name: string;
  /** The wire path, starting at the object that the field belongs to. Empty: the content is merged into that object. */
  readonly wire: readonly string[];
  readonly node: Node;
  readonly required: boolean;
  /** The plain field that can be set instead of this one. `required`: Azure requires one of the two. */
  readonly twin?: { readonly of: string; readonly required: boolean };
  /** For a map of additional properties: the names that are not among them. */
  readonly except?: readonly string[];
  /** For a variant: it applies where this property has this value. */
  readonly when?: { readonly property: string; readonly value: string };
}
