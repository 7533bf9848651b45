import type { ObjectPath } from './contract.ts';

/** The URL path of an object or, without a name, of its collection. */
export function objectPath(path: Omit<ObjectPath, 'name'> & { readonly name?: string }): string {
  const root = path.group ? `/apis/${encodeURIComponent(path.group)}` : '/api';
  const parts = [
    path.version,
    ...(path.namespace === undefined ? [] : ['namespaces', path.namespace]),
    path.plural,
    ...(path.name === undefined ? [] : [path.name]),
    ...(path.subresource === undefined ? [] : [path.subresource]),
  ];
  return `${root}/${parts.map(encodeURIComponent).join('/')}`;
}
