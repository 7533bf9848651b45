import type { Kinds } from '../contract.ts';
import { GENERIC_KIND } from './generic-kind.ts';
import { genericShape } from './generic-shape.ts';
import type { GenericTypes } from './generic-types.ts';

/** Adds GenericResource, for these ARM types, to the given kinds. */
export function withGeneric(kinds: Kinds, types: GenericTypes): Kinds {
  return {
    ...kinds,
    all: () => [...kinds.all(), GENERIC_KIND],
    find: (id) => (isGeneric(id) ? GENERIC_KIND : kinds.find(id)),
    shapeFor: (kind, object) => (isGeneric(kind) ? genericShape(object.spec, types) : kinds.shapeFor(kind, object)),
  };
}

function isGeneric({ group, kind }: { group: string; kind: string }): boolean {
  return group === GENERIC_KIND.group && kind === GENERIC_KIND.kind;
}
