import type { Json, JsonObject, SpecProblem } from '../contract.ts';
import { valueAt, type Change } from '../json-path.ts';
import { childPath, isObject, textAt } from '../json.ts';

/** The identities of a resource, and of a part of it that has its own: the keys are ids. */
const IDENTITIES = /(^|\.)identity\.userAssignedIdentities$/;
const BELOW_IDENTITIES = /(^|\.)identity\.userAssignedIdentities[.[]/;

/** The changes that put ARM ids into a body. Among identities the id is a key, and its value is empty. */
export function referenceChanges(
  body: Json,
  references: readonly (readonly [path: string, armId: string])[],
): Change[] {
  const identities = new Map<string, JsonObject>();
  const values: Change[] = [];
  for (const [path, armId] of references) {
    if (!IDENTITIES.test(path)) {
      values.push([path, armId]);
      continue;
    }
    const others = identities.get(path) ?? valueAt(body, path);
    identities.set(path, { ...(isObject(others) ? others : {}), [armId]: {} });
  }
  return [...values, ...identities];
}

/** What is wrong with `spec.references`: a reference that names nothing would be left out of the body silently. */
export function referenceProblems(references: readonly (readonly [index: number, entry: JsonObject])[]): SpecProblem[] {
  return references.flatMap(([index, entry]) => {
    const field = childPath('references', index);
    const to = isObject(entry['reference']) ? entry['reference'] : {};
    const path = textAt(entry, 'path') ?? '';
    const isNamed = ['group', 'kind', 'name'].every((name) => textAt(to, name) !== undefined);
    const isNothing = textAt(to, 'armId') === undefined && !isNamed;
    return [
      ...(isNothing
        ? [{ field: `${field}.reference`, message: 'it names nothing: set armId, or all of group, kind and name' }]
        : []),
      ...(BELOW_IDENTITIES.test(path)
        ? [
            {
              field: `${field}.path`,
              message: `${JSON.stringify(path)} leads into userAssignedIdentities, whose keys are the ids: end the path with userAssignedIdentities, and the id becomes a key`,
            },
          ]
        : []),
    ];
  });
}
