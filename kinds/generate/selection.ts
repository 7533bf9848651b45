/** What is generated now. */
export const GENERATED =
  'resources.azure.com/ResourceGroup;dbformysql.azure.com/*;documentdb.azure.com/*;storage.azure.com/StorageAccount';

/**
 * Whether a kind is among those named, in ASO's way: `<group>/<Kind>` or `<group>/*`, several with `;` between; `*` is everything.
 * @throws Error naming a part that is neither.
 */
export function isSelected(selection: string, id: { group: string; kind: string }): boolean {
  const parts = selection.split(';').map((part) => part.trim());
  return parts.filter((part) => part !== '').some((part) => matches(part, id));
}

function matches(part: string, { group, kind }: { group: string; kind: string }): boolean {
  if (part === '*') return true;
  const [wantedGroup, wantedKind, ...more] = part.split('/');
  if (wantedGroup === undefined || wantedKind === undefined || more.length > 0) {
    throw new Error(`"${part}" selects nothing: write <group>/<Kind> or <group>/*`);
  }
  return wantedGroup === group && (wantedKind === '*' || wantedKind === kind);
}
