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
