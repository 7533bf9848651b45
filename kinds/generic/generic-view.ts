import { isObject, placeOf } from '../json.ts';
import { isObservationOnly, type View } from '../mapping/differences.ts';
import { isSecretMember } from '../mapping/secret-values.ts';
import { isLocation, isSameLocation, isSpelledLike } from '../mapping/spelling.ts';

/**
 * How a payload of an unknown type is compared with an answer. `secretPaths`: where the payload holds secrets, which
 * Azure masks or leaves out.
 */
export function genericView(secretPaths: readonly string[]): View {
  return viewOf(new Set(secretPaths.map(forAllItems)), { path: '', name: '' });
}

/** A path for all items: the answer may have them in another order. */
function forAllItems(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '[]');
}

function viewOf(secretPaths: ReadonlySet<string>, { path, name }: { path: string; name: string }): View {
  return {
    isMap: path === 'tags',
    hides: (value) => isObservationOnly(name) || secretPaths.has(path) || isSecretMember(name, value),
    member: (member) => viewOf(secretPaths, { path: placeOf(path, member), name: member }),
    item: () => viewOf(secretPaths, { path: `${path}[]`, name }),
    same: (sent, got) => {
      if (sent === got) return true;
      if (isObject(got) || Array.isArray(got)) return false;
      return isLocation(path) ? isSameLocation(sent, got) : isSpelledLike(sent, got);
    },
  };
}
