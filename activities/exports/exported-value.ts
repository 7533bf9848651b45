import { workflowId } from '../../contract/resource-ref.ts';
import type { Target } from '../../contract/steps.ts';
import type { Export } from '../../kinds/contract.ts';

/** A value that `fetchKeys` passes to `writeSecrets`, encrypted. */
export interface ExportedValue extends Omit<Export, 'source' | 'optional'> {
  readonly value: string;
}

/** The context that the encrypted values are bound to: they cannot be decrypted for another workflow. */
export function exportContext(target: Target): string {
  return `${workflowId(target.ref)}#exports`;
}
