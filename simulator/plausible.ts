import type { ArmType } from '../kinds/facts/type-file.ts';
import { guidOf, longTime, type Json } from './json.ts';
import { keyFor } from './keys.ts';

/** The resource that a made-up value belongs to: equal questions get equal answers. */
export interface Whose {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly subscription: string;
  readonly createdAt: number;
}

/** Good states, the best first. */
const goodWords = ['Succeeded', 'Ready', 'Running', 'Active', 'Enabled', 'Online', 'Available', 'Approved', 'Created'];

/** A value for a property that only Azure sets; undefined when its name does not tell what would be plausible. */
export function plausible(whose: Whose, path: string, type: ArmType): Json | undefined {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (type.enum !== undefined) return goodWords.find((word) => type.enum?.includes(word));
  if (type.type === 'string') return text(whose, path, name);
  return type.type === 'integer' || type.type === 'number' ? portNumber(name) : undefined;
}

/** The same, but never undefined: something of the right type. For what is certain to be asked for. */
export function certain(whose: Whose, path: string, type: ArmType): Json {
  const value = plausible(whose, path, type) ?? type.enum?.[0];
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
      return `${whose.name}-${path.slice(path.lastIndexOf('.') + 1)}`;
    default:
      return {};
  }
}

function text(whose: Whose, path: string, name: string): string | undefined {
  const host = hostOf(whose);
  const lower = name.toLowerCase();
  if (lower === 'provisioningstate') return 'Succeeded';
  if (lower === 'tenantid') return guidOf(`tenant of ${whose.subscription}`);
  // Azure knows the user's password no more than we do.
  if (lower === 'connectionstring' && /mongoclusters$/i.test(whose.type))
    return `mongodb+srv://<user>:<password>@${whose.name.toLowerCase()}.mongocluster.cosmos.azure.com?tls=true&authMechanism=SCRAM-SHA-256`;
  if (/connectionstring/.test(lower))
    return `Endpoint=sb://${host}/;SharedAccessKeyName=${whose.name};SharedAccessKey=${keyFor(whose.key, path)}`;
  if (/^(keyname|username|kubeadminusername)$/.test(lower)) return whose.name;
  if (/(key\d?|token|password|secret|primary|secondary|keyvalue)$/.test(lower) && !/^public/.test(lower))
    return keyFor(whose.key, path);
  if (/(principal|client|object|customer|instance|unique|immutable|application|app)_?id$|guid$|uuid$/.test(lower))
    return guidOf(`${name} ${whose.key}`);
  if (lower === 'instrumentationkey') return guidOf(`${name} ${whose.key}`);
  if (/fqdn|fullyqualifieddomainname|hostname|loginserver|^alias$|dnsname$/.test(lower)) return host;
  if (/(endpoint|uri|url)$/.test(lower)) return `https://${host}/`;
  if (/ip_?address$/.test(lower)) return '10.0.0.4';
  if (/(time|date|timestamp)$|^(created|updated|changed|accessed)at$/.test(lower)) return longTime(whose.createdAt);
  return undefined;
}

function hostOf({ name, type }: Whose): string {
  const service = type.slice('Microsoft.'.length, type.indexOf('/')).toLowerCase();
  return `${name.toLowerCase()}.${service}.azure.com`;
}

function portNumber(name: string): number | undefined {
  if (!/port$/i.test(name)) return undefined;
  return /ssl/i.test(name) ? 6380 : 6379;
}
