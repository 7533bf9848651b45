/** Limits that a schema can state. */
export interface Limits {
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** What a value of a custom resource is. One tree of these drives schema, inputs, payload and status. */
export type Node =
  | {
      readonly is: 'string' | 'integer' | 'number' | 'boolean';
      readonly enum?: readonly (string | number)[];
      readonly limits: Limits;
    }
  /** Nothing is known of the value. */
  | { readonly is: 'any' }
  | { readonly is: 'array'; readonly items: Node; readonly limits: Limits; readonly empty: Empty }
  | { readonly is: 'map'; readonly values: Node; readonly empty: Empty }
  | ObjectNode
  /** `{name, key}` of a Secret, or `{name}` of a whole one. */
  | { readonly is: 'secret' }
  | { readonly is: 'secretMap' }
  | { readonly is: 'configMap' }
  /** `{group, kind, name}` or `{armId}`. */
  | { readonly is: 'reference'; readonly wellKnown: boolean }
  /** A list of `{reference}` that is a map keyed by id on the wire. */
  | { readonly is: 'identities'; readonly empty: Empty };

/** What is sent for an empty list or map. */
export type Empty = 'leaveOut' | 'null' | 'empty';

export interface ObjectNode {
  readonly is: 'object';
  readonly fields: readonly Field[];
  /** Wire places of objects that have no field of their own, since their content moved up, yet are required: outer ones first. */
  readonly always?: readonly (readonly string[])[];
}

export interface Field {
  /** In the custom resource. */
  readonly name: string;
  /** On the wire, from the object that the field belongs to; empty: its content is merged into that object. */
  readonly wire: readonly string[];
  readonly node: Node;
  readonly required: boolean;
  /** The field that is set instead of this one; `required`: Azure wants one of them. */
  readonly twin?: { readonly of: string; readonly required: boolean };
  /** For further properties: the names that are none of them. */
  readonly except?: readonly string[];
  /** For a variant: it is there when this property has this value. */
  readonly when?: { readonly property: string; readonly value: string };
}
