import { isObject, childPath } from '../json.ts';
import { isObservationOnly, type Comparer } from '../mapping/differences.ts';
import { isSecretMember } from '../mapping/secret-values.ts';
import { isLocation, isSameLocation, isSpelledLike } from '../mapping/spelling.ts';

/**
 * Compares a payload of an unknown type with an answer. `secretPaths`: the paths of the payload's secrets, which Azure
 * masks or omits.
 */
export function genericComparer(secretPaths: readonly string[]): Comparer {
  return comparerOf(new Set(secretPaths.map(withoutIndexes)), { path: '', name: '' });
}

/** The answer may have the items of a list in another order, so a secret is looked for in every item. */
function withoutIndexes(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '[]');
}

function comparerOf(secretPaths: ReadonlySet<string>, { path, name }: { path: string; name: string }): Comparer {
  return {
    isMap: path === 'tags',
    ignores: (value) => isObservationOnly(name) || secretPaths.has(path) || isSecretMember(name, value),
    member: (member) => comparerOf(secretPaths, { path: childPath(path, member), name: member }),
    item: () => comparerOf(secretPaths, { path: `${path}[]`, name }),
    isEqual: (sent, got) => {
      if (sent === got) return true;
      if (isObject(got) || Array.isArray(got)) return false;
      return isLocation(path) ? isSameLocation(sent, got) : isSpelledLike(sent, got);
    },
  };
}
