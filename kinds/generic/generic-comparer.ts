import { isObject, childPath } from '../json.ts';
import { isObservationOnly, type Comparer } from '../mapping/differences.ts';
import { isSecretMember } from '../mapping/secret-values.ts';
import { isLocation, isSameLocation, isSpelledLike } from '../mapping/spelling.ts';

/**
 * How a payload of an unknown type is compared with an answer. `secretPaths`: where the payload holds secrets, which
 * Azure masks or leaves out.
 */
export function genericComparer(secretPaths: readonly string[]): Comparer {
  return comparerOf(new Set(secretPaths.map(forAllItems)), { path: '', name: '' });
}

/** A path for all items: the answer may have them in another order. */
function forAllItems(path: string): string {
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
