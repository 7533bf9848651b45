/** The keys under which the watcher knows what is no custom resource of ours. A custom resource's key is its workflow id. */

export function secretKey(namespace: string, name: string): string {
  return `Secret/${namespace}/${name}`;
}

export function configMapKey(namespace: string, name: string): string {
  return `ConfigMap/${namespace}/${name}`;
}

export function namespaceKey(name: string): string {
  return `Namespace/${name}`;
}

/** The same text in one piece. What a template makes keeps its parts alive, and of keys there are many. */
export function flat(text: string): string {
  return Buffer.from(text).toString();
}
