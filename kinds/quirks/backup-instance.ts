import type { JsonObject, Quirk } from '../contract.ts';
import { valueAt } from '../json-path.ts';

/** Azure changes nothing more in these states, and nothing is wrong. */
const AT_REST: ReadonlySet<string> = new Set([
  'protectionconfigured',
  'protectionstopped',
  'backupschedulessuspended',
  'retentionschedulessuspended',
  'notprotected',
  'softdeleted',
]);

/**
 * Azure accepts a backup instance, and only then configures the protection; `provisioningState` says nothing about it.
 * After an error that the user can correct, such as a missing role assignment, Azure waits for a `sync`. Its own errors
 * it retries itself.
 */
export const backupInstance: Quirk = {
  readiness({ answer, armId, apiVersion }) {
    const status = textAt(answer, 'properties.protectionStatus.status');
    // A vault that shows no status says nothing against it.
    if (status === undefined || AT_REST.has(status.toLowerCase())) return { type: 'ready' };
    const code = textAt(answer, 'properties.protectionStatus.errorDetails.code');
    const message = `${messageOf(status, code, answer)}; it becomes Ready when the protection is configured`;
    const isError = status.toLowerCase() === 'protectionerror';
    if (!isError || !/usererror/i.test(code ?? 'UserError')) return { type: 'notReady', message };
    const action = { id: armId, apiVersion, action: 'sync', body: { syncType: 'Default' } };
    return { type: 'notReady', message, action };
  },
};

function messageOf(status: string, code: string | undefined, answer: JsonObject): string {
  const why = textAt(answer, 'properties.protectionStatus.errorDetails.message');
  const details = [code, why].filter((text) => text !== undefined).join(': ');
  return `Azure accepted the backup instance, but its protection status is ${status}${details && ` (${details})`}`;
}

function textAt(answer: JsonObject, path: string): string | undefined {
  const value = valueAt(answer, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
