/**
 * The name of the field for a property that holds a resource id: `subnetId` becomes `subnetReference`. As in ASO it
 * begins with a lower-case letter, whatever the property does.
 */
export function referenceName(name: string, many: boolean): string {
  const stem = name.toLowerCase() === 'id' ? '' : name.replace(/(Ids|IDs|Id|ID)$/, '');
  const word = many ? 'References' : 'Reference';
  return stem === '' ? word.toLowerCase() : withLowerFirst(stem) + word;
}

/** Whether two names differ at most in the case of their first letter. ASO allows only one of them in an object. */
export function isSameName(a: string, b: string): boolean {
  return withLowerFirst(a) === withLowerFirst(b);
}

function withLowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** `Microsoft.Foo-bar` -> `microsoftFooBar`, `AKS` -> `aks`. */
export function camelCase(value: string): string {
  const words = value.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return words
    .map((word, index) => (index === 0 ? lowerFirst(word) : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
}

/** Changes a leading run of capitals to lower case, except the capital that starts the next word. */
function lowerFirst(word: string): string {
  return word.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+/, (run) => run.toLowerCase());
}
