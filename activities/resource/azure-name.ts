import { createHash, randomUUID } from 'node:crypto';
import { annotationOf } from '../../kube/annotations.ts';
import { FINALIZER } from '../../kube/names.ts';
import type { KubeObject } from '../../kube/contract.ts';
import { isObject } from '../../kinds/json.ts';
import type { JsonObject, Kind } from '../../kinds/contract.ts';
import { nameIn } from '../../kinds/arm-id.ts';

/** The UUID namespace that ASO uses: the same resource gets the same name from both operators. */
const NAMESPACE = '9a329043-7ad7-4b1c-812f-9c7a93d6392a';

export interface Named {
  readonly kind: Kind;
  readonly apiVersion: string;
  readonly object: KubeObject;
  readonly spec: JsonObject;
}

/**
 * The resource's name in Azure: the fixed name of the kind, else `spec.azureName`, else a UUID for the kinds that need
 * one, else the name in Kubernetes. A name that was generated at random or read from a ConfigMap must not change later,
 * so it is then taken from the stored ARM id.
 */
export function azureNameOf(named: Named): string {
  const { kind, object, spec } = named;
  const isGenerated = isUuidKind(kind) || isObject(spec['azureNameFromConfig']);
  const storedId = annotationOf(object, 'resourceId');
  return ownNameOf(named) ?? (isGenerated && storedId !== undefined ? nameIn(storedId) : generatedName(named));
}

/**
 * The name as far as it does not depend on the annotation `resource-id`, which users can edit. The one exception is a
 * random UUID: once the resource was claimed, it stands nowhere else.
 */
export function claimedNameOf(named: Named): string {
  const { kind, object, spec } = named;
  const stored = nameIn(annotationOf(object, 'resourceId') ?? '');
  const isClaimed = object.metadata.finalizers?.includes(FINALIZER) ?? false;
  const isRandomName = isUuidKind(kind) && isRandom(spec) && isClaimed && isUuid(stored);
  return ownNameOf(named) ?? (isRandomName ? stored : generatedName(named));
}

/** The name that kind or spec fix; undefined if neither does. */
function ownNameOf({ kind, apiVersion, spec }: Named): string | undefined {
  const { azureName } = kind;
  if ('fixed' in azureName) {
    return typeof azureName.fixed === 'string' ? azureName.fixed : (azureName.fixed[apiVersion] ?? 'default');
  }
  return typeof spec['azureName'] === 'string' && spec['azureName'] !== '' ? spec['azureName'] : undefined;
}

function generatedName({ kind, object, spec }: Named): string {
  if (!isUuidKind(kind)) return object.metadata.name;
  return isRandom(spec) ? randomUUID() : stableName(kind, object, spec);
}

function isUuidKind({ azureName }: Kind): boolean {
  return 'default' in azureName && azureName.default === 'uuid5';
}

function isRandom({ operatorSpec }: JsonObject): boolean {
  const convention = isObject(operatorSpec) ? operatorSpec['namingConvention'] : undefined;
  return typeof convention === 'string' && convention.toLowerCase() === 'random';
}

/**
 * The name itself if it is a UUID, else a UUID v5 of owner, kind, namespace and name. For the owner the group comes
 * before the kind, for the resource after it: this is how ASO computes the same names.
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
