import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.ts';

/** `temporal.api.enums.v1.IndexedValueType.KEYWORD` */
const KEYWORD = 2;

/** They are missing, and this process may not create them. */
export class MissingSearchAttributes extends Error {
  override readonly name = 'MissingSearchAttributes';

  constructor(names: readonly string[], namespace: string) {
    const options = names.map((name) => `--name ${name} --type Keyword`).join(' ');
    super(
      `the namespace "${namespace}" has no ${names.join(', ')}; create them with "temporal operator search-attribute create -n ${namespace} ${options}", or in the console of Temporal Cloud`,
    );
  }
}

/**
 * Registers the search attributes that do not exist yet.
 * @throws MissingSearchAttributes if the server does not let this process create them, as on Temporal Cloud; the
 * server's error if it does not even list them
 */
export async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const missing = await missingNames(connection, namespace);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch {
    // Another worker may have registered them at the same time.
    const names = await missingNames(connection, namespace);
    if (names.length > 0) throw new MissingSearchAttributes(names, namespace);
  }
}

async function missingNames(connection: NativeConnection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return SEARCH_ATTRIBUTES.filter(({ name }) => customAttributes[name] === undefined).map(({ name }) => name);
}
