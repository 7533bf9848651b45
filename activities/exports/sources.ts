import type { ExportSource, JsonObject, Kind } from '../../kinds/contract.ts';
import { valueAt } from '../../kinds/json-path.ts';
import { getFromAzure } from '../arm/call.ts';
import type { Target } from '../../contract/steps.ts';
import type { AzureAccess } from '../dependencies.ts';
import { partOfId } from '../../kinds/arm-id.ts';
import { extract } from './extract.ts';

/** Reads exported values from Azure. Each answer is requested once, however many values are taken from it. */
export interface Sources {
  /** One value; undefined if Azure does not have it. */
  value(source: ExportSource): Promise<string | undefined>;
  /** The answer of GET. */
  answer(): Promise<JsonObject>;
}

const COSMOS = 'microsoft.documentdb/databaseaccounts';
const MYSQL = 'microsoft.dbformysql/flexibleservers';
/** The values that are read with the typed client of MySQL; the SDK renames the other properties of its answer. */
const MYSQL_VALUES: readonly string[] = ['properties.fullyQualifiedDomainName', 'properties.administratorLogin'];

export function createSources(target: Target, kind: Kind, access: AzureAccess): Sources {
  const { arm } = access;
  const type = kind.armType.toLowerCase();
  const own = { id: target.armId, apiVersion: target.apiVersion };
  const reads = new Map<string, Promise<JsonObject>>();
  const once = (id: string, read: () => Promise<JsonObject>): Promise<JsonObject> => {
    const running = reads.get(id) ?? read();
    reads.set(id, running);
    return running;
  };
  const get = (id: string, apiVersion: string): Promise<JsonObject> =>
    once(`GET ${id}@${apiVersion}`, async () => (await arm.get({ id, apiVersion }))?.body ?? {});
  const answer = (): Promise<JsonObject> =>
    once('own', async () => (await getFromAzure({ kind, arm }, target))?.body ?? {});

  const read = async (source: Exclude<ExportSource, { from: 'id' }>): Promise<JsonObject> => {
    if (source.from === 'answer') {
      if (source.follow !== undefined) {
        const id = valueAt(await answer(), source.follow);
        return typeof id === 'string' ? await get(id, source.apiVersion ?? target.apiVersion) : {};
      }
      const typed = type === MYSQL && MYSQL_VALUES.includes(source.path);
      return typed ? await once('typed GET', () => access.mysqlServer(own)) : await answer();
    }
    if (type === COSMOS && source.action === 'listKeys') return await once('listKeys', () => access.cosmosKeys(own));
    const id = source.child === undefined ? own.id : `${own.id}/${source.child}`;
    const apiVersion = source.apiVersion ?? own.apiVersion;
    return await once(`POST ${id}/${source.action}@${apiVersion}`, () => arm.action({ id, apiVersion }, source.action));
  };
  return {
    answer,
    value: async (source) =>
      source.from === 'id' ? partOfId(target.armId, source.part) : extract(source, await read(source)),
  };
}
