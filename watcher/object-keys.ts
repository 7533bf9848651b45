/** Keys of objects that are not custom resources of this operator. The key of a custom resource is its workflow id. */

export function secretKey(namespace: string, name: string): string {
  return `Secret/${namespace}/${name}`;
}

export function configMapKey(namespace: string, name: string): string {
  return `ConfigMap/${namespace}/${name}`;
}

export function namespaceKey(name: string): string {
  return `Namespace/${name}`;
}

/**
 * Copies a string into contiguous memory. V8 keeps the parts of a concatenated string alive, and there are many keys.
 */
export function flatCopy(text: string): string {
  return Buffer.from(text).toString();
}
