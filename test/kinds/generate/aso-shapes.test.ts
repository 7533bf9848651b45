import { readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { specSchema } from '../../../kinds/generate/spec-schema.ts';
import { isObject } from '../../../kinds/json.ts';
import { loadKindsWithParts } from '../../../kinds/load.ts';

const folder = new URL('../../data/aso-shapes/', import.meta.url);
type Shapes = Record<string, { spec: Record<string, JsonObject | string> }>;

/**
 * Where the data cannot tell what ASO has: part of `<group>/<Kind>@<version>`, and the end of the path that differs.
 */
const ALLOWED: { at: string; ends: RegExp; reason: string }[] = [
  {
    at: 'keyvault.azure.com/Vault@',
    ends: /(tenantId|applicationId)\.(pattern|minLength|maxLength)$/,
    reason: 'a UUID: the type data writes its pattern otherwise',
  },
  {
    at: 'managedidentity.azure.com/FederatedIdentityCredential@',
    ends: /issuer\.pattern$/,
    reason: 'a URI: formats are not in the type data',
  },
  {
    at: 'storage.azure.com/StorageAccountsManagementPolicy@',
    ends: /GreaterThan\.multipleOf$/,
    reason: 'multipleOf 1 of an integer says nothing',
  },
  {
    at: 'storage.azure.com/StorageAccountsManagementPolicy@',
    ends: /value\.minLength$/,
    reason: 'minLength 0 says nothing',
  },
  {
    at: 'compute.azure.com/Disk@',
    ends: /sku\.properties\.name\.enum$/,
    reason: '2020-09-30 reads the types of 2020-12-01, which know one SKU more',
  },
];

function differences(ours: Json | undefined, asos: Json | undefined, path = ''): string[] {
  if (JSON.stringify(ours) === JSON.stringify(asos)) return [];
  if (!isObject(ours) || !isObject(asos)) return [path];
  const names = [...new Set([...Object.keys(ours), ...Object.keys(asos)])];
  return names.flatMap((name) => differences(ours[name], asos[name], `${path}.${name}`));
}

const cases = readdirSync(folder).flatMap((file) => {
  const group = file.replace(/\.json$/, '');
  const shapes = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Shapes;
  return Object.entries(shapes).flatMap(([kind, { spec }]) =>
    Object.entries(spec)
      // The hub versions of ASO are internal to it; `User` is not an ARM resource.
      .filter(([version]) => !version.endsWith('storage') && kind !== 'User')
      .map(([version, schema]) => ({
        group,
        kind,
        version,
        schema: typeof schema === 'string' ? spec[schema] : schema,
      })),
  );
});

describe('spec schemas are those that ASO serves', () => {
  const kinds = loadKindsWithParts();

  it.each(cases)('$group/$kind $version', ({ group, kind, version, schema }) => {
    const known = kinds.find({ group, kind })!;
    const apiVersion = kinds.apiVersionOf(known, version)!;
    const found = differences(specSchema(kinds.shape(known, apiVersion)), schema);
    const at = `${group}/${kind}@${version}`;
    expect(
      found.filter((path) => !ALLOWED.some((allowed) => at.startsWith(allowed.at) && allowed.ends.test(path))),
    ).toEqual([]);
  });

  it('covers all shapes', () => {
    expect(cases.length).toBeGreaterThan(200);
  });
});
