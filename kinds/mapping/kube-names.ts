/**
 * The rules of Kubernetes for names in a spec. Each function returns the rule that a text breaks, undefined where it
 * breaks none.
 */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
const WORD = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$/;

/** For the name of a Secret or ConfigMap. */
export function objectNameFault(name: string): string | undefined {
  if (name.length <= 253 && SUBDOMAIN.test(name)) return undefined;
  return 'must be a DNS subdomain: 1 to 253 lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit';
}

/** For a key in a Secret's or ConfigMap's data. */
export function dataKeyFault(key: string): string | undefined {
  if (key.length <= 253 && /^[-._a-zA-Z0-9]+$/.test(key) && key !== '.' && !key.startsWith('..')) return undefined;
  return 'must be 1 to 253 letters, digits, "-", "_" and ".", not "." and not beginning with ".."';
}

/** For the name of an annotation or label. */
export function metadataNameFault(name: string): string | undefined {
  const parts = name.split('/');
  const [prefix, word] = parts.length === 1 ? [undefined, name] : parts;
  const isPrefixed = prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
  if (parts.length <= 2 && isPrefixed && word.length <= 63 && WORD.test(word)) return undefined;
  return 'must be 1 to 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit; a DNS subdomain and "/" may stand before it';
}

/** For the value of a label; an annotation may have any. */
export function labelValueFault(value: string): string | undefined {
  if (value === '' || (value.length <= 63 && WORD.test(value))) return undefined;
  return 'must be at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit';
}
