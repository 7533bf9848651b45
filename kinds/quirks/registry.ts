import type { Quirk } from '../contract.ts';
import { product } from './api-management.ts';
import { backupInstance } from './backup-instance.ts';
import { compute, virtualMachineScaleSet } from './compute.ts';
import { databaseAccount } from './database-account.ts';
import { roleAssignment } from './role-assignment.ts';
import { subscriptionAlias } from './subscription-alias.ts';
import { vault } from './vault.ts';

/** Quirks by `<Kind>.<group>`, or by `<group>` for all of its kinds. */
const QUIRKS: Readonly<Record<string, Quirk>> = {
  'Alias.subscription.azure.com': subscriptionAlias,
  'BackupVaultsBackupInstance.dataprotection.azure.com': backupInstance,
  'DatabaseAccount.documentdb.azure.com': databaseAccount,
  'Product.apimanagement.azure.com': product,
  'RoleAssignment.authorization.azure.com': roleAssignment,
  'Vault.keyvault.azure.com': vault,
  'VirtualMachineScaleSet.compute.azure.com': virtualMachineScaleSet,
  'compute.azure.com': compute,
};

/** The quirk of a kind; empty for most kinds. */
export function quirkOf({ group, kind }: { group: string; kind: string }): Quirk {
  return QUIRKS[`${kind}.${group}`] ?? QUIRKS[group] ?? {};
}
