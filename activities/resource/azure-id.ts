import { RESOURCE_GROUP_TYPE, typeOf } from '../../kinds/arm-id.ts';
import type { Kind } from '../../kinds/contract.ts';
import { StepError } from '../step-error.ts';

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
  if (isSame(kind.armType, RESOURCE_GROUP_TYPE))
    return `${parentId ?? subscription}/resourceGroups/${oneName(azureName)}`;
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

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
