import { isNoWish, type View } from '../mapping/differences.ts';
import { isObject, placeOf } from '../json.ts';
import { isSecretMember } from '../mapping/secret-values.ts';
import { isLocation, isSameLocation, isSpelledLike } from '../mapping/spelling.ts';

/** How a payload is compared with an answer where nothing is known of the type. `withheld`: where secrets are, which Azure masks or leaves out. */
export function genericView(withheld: readonly string[]): View {
  return viewOf(new Set(withheld.map(anyItem)), { path: '', name: '' });
}

/** In whatever item: the answer may have them in another order. */
function anyItem(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '[]');
}

function viewOf(withheld: ReadonlySet<string>, { path, name }: { path: string; name: string }): View {
  return {
    isMap: path === 'tags',
    hides: (value) => isNoWish(name) || withheld.has(path) || isSecretMember(name, value),
    member: (member) => viewOf(withheld, { path: placeOf(path, member), name: member }),
    item: () => viewOf(withheld, { path: `${path}[]`, name }),
    same: (sent, got) => {
      if (sent === got) return true;
      if (isObject(got) || Array.isArray(got)) return false;
      return isLocation(path) ? isSameLocation(sent, got) : isSpelledLike(sent, got);
    },
  };
}
