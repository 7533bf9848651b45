/**
 * Whether a selection includes a kind. The notation is ASO's: `<group>/<Kind>`, several separated by `;`. `*` matches
 * any characters; `*` alone selects every kind.
 * @throws Error naming a part that is not in this notation.
 */
export function isSelected(selection: string, id: { group: string; kind: string }): boolean {
  const parts = selection.split(';').map((part) => part.trim());
  return parts.filter((part) => part !== '').some((part) => matches(part, id));
}

function matches(part: string, { group, kind }: { group: string; kind: string }): boolean {
  if (part === '*') return true;
  if (!/^[^/]+\/[^/]+$/.test(part)) {
    throw new Error(`"${part}" is not a selection of kinds: write <group>/<Kind> or <group>/*`);
  }
  const glob = part.split('*').map((text) => text.replace(/[^\w/]/g, '\\$&'));
  return new RegExp(`^${glob.join('.*')}$`).test(`${group}/${kind}`);
}
