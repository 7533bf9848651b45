import { groupOf, type Sample } from './load-samples.ts';

/** Kinds whose samples are not run, with why. */
const EXCEPTED: Readonly<Record<string, string>> = {
  'User.dbformysql.azure.com': 'made inside a real database server, not through Azure Resource Manager',
  'User.dbforpostgresql.azure.com': 'made inside a real database server, not through Azure Resource Manager',
};

/** Why a sample is not run; undefined for one that is. */
export function exceptionFor(sample: Sample): string | undefined {
  return EXCEPTED[`${sample.manifest.kind}.${groupOf(sample)}`];
}
