import { workflowId } from '../../contract/resource-ref.ts';
import type { Target } from '../../contract/steps.ts';
import type { Export } from '../../kinds/contract.ts';

/** A value on its way to `writeSecrets`; sealed, never in clear between the two. */
export interface ExportedValue extends Omit<Export, 'source' | 'optional'> {
  readonly value: string;
}

/** What the sealed values are bound to: no other workflow can open them. */
export function exportContext(target: Target): string {
  return `${workflowId(target.ref)}#exports`;
}
