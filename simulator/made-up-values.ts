import type { ArmType } from '../kinds/facts/type-file.ts';
import { endpointOf, hostOf } from './host-names.ts';
import { guidOf, longTime, type Json } from './json.ts';
import { keyFor } from './keys.ts';

/** The resource that a made-up value belongs to. The value depends only on the resource and the path. */
export interface OwningResource {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly subscription: string;
  readonly createdAt: number;
}

/** States of a healthy resource, the best first. */
const healthyStates = [
  'Succeeded',
  'Ready',
  'Running',
  'Active',
  'Enabled',
  'Online',
  'Available',
  'Approved',
  'Created',
];

/** A value for a property that only Azure sets; undefined if its name does not say what it contains. */
export function plausibleValue(resource: OwningResource, path: string, type: ArmType): Json | undefined {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (type.enum !== undefined) return healthyStates.find((word) => type.enum?.includes(word));
  if (type.type === 'string') return text(resource, path, name);
  return type.type === 'integer' || type.type === 'number' ? portNumber(name) : undefined;
}

/** Like `plausibleValue`, but never undefined: for a property that is known to be read, any value of its type. */
export function anyValue(resource: OwningResource, path: string, type: ArmType): Json {
  const value = plausibleValue(resource, path, type) ?? type.enum?.[0];
  if (value !== undefined) return value;
  switch (type.type) {
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'string':
      return `${resource.name}-${path.slice(path.lastIndexOf('.') + 1)}`;
    default:
      return {};
  }
}

function text(resource: OwningResource, path: string, name: string): string | undefined {
  const host = hostOf(resource);
  const lower = name.toLowerCase();
  if (lower === 'provisioningstate') return 'Succeeded';
  if (lower === 'tenantid') return guidOf(`tenant of ${resource.subscription}`);
  // As in Azure, this connection string has a placeholder for the password.
  if (lower === 'connectionstring' && /mongoclusters$/i.test(resource.type))
    return `mongodb+srv://<user>:<password>@${host}?tls=true&authMechanism=SCRAM-SHA-256`;
  if (/connectionstring/.test(lower))
    return `Endpoint=sb://${host}/;SharedAccessKeyName=${resource.name};SharedAccessKey=${keyFor(resource.key, path)}`;
  if (/^(keyname|username|kubeadminusername)$/.test(lower)) return resource.name;
  if (/(key\d?|token|password|secret|primary|secondary|keyvalue)$/.test(lower) && !/^public/.test(lower))
    return keyFor(resource.key, path);
  if (/(principal|client|object|customer|instance|unique|immutable|application|app)_?id$|guid$|uuid$/.test(lower))
    return guidOf(`${name} ${resource.key}`);
  if (lower === 'instrumentationkey') return guidOf(`${name} ${resource.key}`);
  if (/fqdn|fullyqualifieddomainname|hostname|loginserver|^alias$|dnsname$/.test(lower)) return host;
  if (/(endpoint|uri|url)$/.test(lower)) return endpointOf(resource, name);
  if (/ip_?address$/.test(lower)) return '10.0.0.4';
  if (/(time|date|timestamp)$|^(created|updated|changed|accessed)at$/.test(lower)) return longTime(resource.createdAt);
  return undefined;
}

function portNumber(name: string): number | undefined {
  if (!/port$/i.test(name)) return undefined;
  return /ssl/i.test(name) ? 6380 : 6379;
}
