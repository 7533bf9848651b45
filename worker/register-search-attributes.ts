import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.ts';

/** `temporal.api.enums.v1.IndexedValueType.KEYWORD` */
const KEYWORD = 2;

/**
 * Registers the search attributes that do not exist yet.
 * @throws the server's error; on Temporal Cloud, which does not offer this call, create them in its console first
 */
export async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter(({ name }) => customAttributes[name] === undefined);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map(({ name }) => [name, KEYWORD]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Another worker may have registered them at the same time.
    const { customAttributes: now } = await connection.operatorService.listSearchAttributes({ namespace });
    if (missing.some(({ name }) => now[name] === undefined)) throw error;
  }
}
