import type { Kind } from '../../kinds/contract.ts';
import { StepError } from '../step-error.ts';

const GROUPS = 'Microsoft.Resources/resourceGroups';
const SUBSCRIPTIONS = 'Microsoft.Resources/subscriptions';

export interface AzureIdInput {
  readonly kind: Pick<Kind, 'armType' | 'scope'>;
  /** For a type that is written without its parent as owner, all the names, with `/` between. */
  readonly azureName: string;
  readonly parentId: string | undefined;
  readonly subscriptionId: string;
}

/**
 * The resource's id in Azure. A child of its parent adds its own type and name; everything else names its provider
 * after the scope it is in: its owner, or the subscription, or for tenant-scoped types nothing.
 * @throws StepError when name and owner do not make an id
 */
export function azureId({ kind, azureName, parentId, subscriptionId }: AzureIdInput): string {
  const subscription = `/subscriptions/${subscriptionId}`;
  if (isSame(kind.armType, GROUPS)) return `${parentId ?? subscription}/resourceGroups/${oneName(azureName)}`;
  const [provider = '', ...types] = kind.armType.split('/');
  const own = types.at(-1) ?? '';
  if (parentId !== undefined && isSame(`${typeOf(parentId)}/${own}`, kind.armType)) {
    return `${parentId}/${own}/${oneName(azureName)}`;
  }
  const names = azureName.split('/');
  if (names.length !== types.length || names.includes('')) {
    const message = `cannot make an ARM id: ${kind.armType} takes ${types.length} names, and "${azureName}" has ${names.length}; give the parent as spec.owner, or all names with "/" between`;
    throw new StepError('AzureNameInvalid', message);
  }
  const scope = parentId ?? scopeOf(kind, subscription);
  return `${scope}/providers/${provider}/${types.map((type, index) => `${type}/${names[index] ?? ''}`).join('/')}`;
}

function scopeOf({ scope, armType }: AzureIdInput['kind'], subscription: string): string {
  if (scope === 'tenant') return '';
  if (scope !== 'managementGroup') return subscription;
  const message = `cannot make an ARM id: ${armType} is in a management group; give its ARM id as spec.owner.armId`;
  throw new StepError('InvalidSpec', message);
}

function oneName(azureName: string): string {
  if (azureName !== '' && !azureName.includes('/')) return azureName;
  throw new StepError('AzureNameInvalid', `cannot make an ARM id of the name "${azureName}": it must be one name`);
}

/** The resource type of an ARM id, as written; empty for the tenant. */
export function typeOf(armId: string): string {
  const at = armId.toLowerCase().lastIndexOf('/providers/');
  if (at === -1) return /\/resourceGroups\/[^/]+$/i.test(armId) ? GROUPS : armId === '' ? '' : SUBSCRIPTIONS;
  const [provider = '', ...rest] = armId.slice(at + '/providers/'.length).split('/');
  return [provider, ...rest.filter((_, index) => index % 2 === 0)].join('/');
}

/** The last name in an ARM id. */
export function nameIn(armId: string): string {
  return armId.slice(armId.lastIndexOf('/') + 1);
}

/** A name in an ARM id; undefined where it is above what is asked for. */
export function partOfId(armId: string, part: 'subscription' | 'resourceGroup' | 'name'): string | undefined {
  if (part === 'name') return nameIn(armId);
  const segments = armId.split('/');
  const at = segments.findIndex((segment) => isSame(segment, `${part}s`));
  return at === -1 ? undefined : segments[at + 1];
}

/** The subscription in an ARM id, lower case; undefined for one above subscriptions. */
export function subscriptionOf(armId: string): string | undefined {
  return /^\/subscriptions\/([^/]+)/i.exec(armId)?.[1]?.toLowerCase();
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
