import { createHash, randomUUID } from 'node:crypto';
import { annotationOf } from '../../kube/annotations.ts';
import type { KubeObject } from '../../kube/contract.ts';
import { isObject } from '../../kinds/json.ts';
import type { JsonObject, Kind } from '../../kinds/contract.ts';
import { nameIn } from '../../kinds/arm-id.ts';

/** ASO's own namespace for names that are UUIDs: the same resource gets the same name from both operators. */
const NAMESPACE = '9a329043-7ad7-4b1c-812f-9c7a93d6392a';

export interface Named {
  readonly kind: Kind;
  readonly apiVersion: string;
  readonly object: KubeObject;
  readonly spec: JsonObject;
}

/**
 * The resource's name in Azure: the only one there can be, the one that the spec gives, a UUID for the kinds that Azure
 * wants one of, else the name in Kubernetes. A name that was once made (`random`, or read from a ConfigMap) is kept:
 * the stored id has it.
 */
export function azureNameOf({ kind, apiVersion, object, spec }: Named): string {
  const { azureName } = kind;
  if ('fixed' in azureName) {
    return typeof azureName.fixed === 'string' ? azureName.fixed : (azureName.fixed[apiVersion] ?? 'default');
  }
  if (typeof spec['azureName'] === 'string' && spec['azureName'] !== '') return spec['azureName'];
  const { name } = object.metadata;
  const isMade = azureName.default === 'uuid5' || isObject(spec['azureNameFromConfig']);
  const storedId = annotationOf(object, 'resourceId');
  if (isMade && storedId !== undefined) return nameIn(storedId);
  if (azureName.default !== 'uuid5') return name;
  return isRandom(spec) ? randomUUID() : stableName(kind, object, spec);
}

function isRandom({ operatorSpec }: JsonObject): boolean {
  const convention = isObject(operatorSpec) ? operatorSpec['namingConvention'] : undefined;
  return typeof convention === 'string' && convention.toLowerCase() === 'random';
}

/**
 * A UUID already, or UUID v5 of where the resource is. Group and kind stand the other way round for the owner: ASO's
 * names depend on it.
 */
function stableName(kind: Kind, { metadata }: KubeObject, spec: JsonObject): string {
  const { name, namespace = '' } = metadata;
  if (isUuid(name)) return name;
  const owner = ownerText(kind, spec, namespace);
  const own = `${kind.kind}/${kind.group}:${namespace}/${name}`;
  return uuidV5(owner === undefined ? own : `${owner}:${own}`);
}

function ownerText(kind: Kind, { owner }: JsonObject, namespace: string): string | undefined {
  if (!isObject(owner)) return undefined;
  if (typeof owner['armId'] === 'string') return owner['armId'];
  const id = kind.owner === 'any' || kind.owner === null ? owner : { ...kind.owner };
  return `${String(id['group'])}/${String(id['kind'])}:${namespace}/${String(owner['name'])}`;
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/i.test(text);
}

function uuidV5(text: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(text, 'utf8')
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
