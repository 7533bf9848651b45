import { RESOURCE_GROUP_TYPE, typeOf } from '../../kinds/arm-id.ts';
import type { Kind } from '../../kinds/contract.ts';
import { StepError } from '../step-error.ts';

export interface AzureIdInput {
  readonly kind: Pick<Kind, 'armType' | 'scope'>;
  /** For a nested type whose parent is not its owner: all names, separated by `/`. */
  readonly azureName: string;
  readonly parentId: string | undefined;
  readonly subscriptionId: string;
}

/**
 * Builds the ARM id of a resource. A child appends its type and name to the id of its parent. The id of any other
 * resource is its scope (the owner, the subscription, or nothing for the tenant), then `/providers/`, type and names.
 * @throws StepError if no ARM id can be built from name and owner.
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
  if (names.includes('')) {
    const message = `cannot build an ARM id: the name "${azureName}" is empty or has an empty part; correct azureName`;
    throw new StepError('AzureNameInvalid', message);
  }
  if (names.length !== types.length) {
    const expected = types.length === 1 ? '1 name' : `${types.length} names`;
    const message = `cannot build an ARM id: ${kind.armType} takes ${expected}, but "${azureName}" has ${names.length}; set spec.owner to the parent, or azureName to all names separated by "/"`;
    throw new StepError('AzureNameInvalid', message);
  }
  const scope = parentId ?? scopeOf(kind, subscription);
  return `${scope}/providers/${provider}/${types.map((type, index) => `${type}/${names[index] ?? ''}`).join('/')}`;
}

function scopeOf({ scope, armType }: AzureIdInput['kind'], subscription: string): string {
  if (scope === 'tenant') return '';
  if (scope !== 'managementGroup') return subscription;
  const message = `cannot build an ARM id: ${armType} is in a management group; set spec.owner.armId to the ARM id of the management group`;
  throw new StepError('InvalidSpec', message);
}

function oneName(azureName: string): string {
  if (azureName !== '' && !azureName.includes('/')) return azureName;
  throw new StepError(
    'AzureNameInvalid',
    `cannot build an ARM id from the name "${azureName}": it must be one name, not empty and without "/"`,
  );
}

export function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
