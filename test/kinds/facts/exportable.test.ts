import { describe, expect, it } from '@jest/globals';
import type { ExportSource, JsonObject } from '../../../kinds/contract.ts';
import type { Row } from '../../../kinds/facts/row.ts';
import { bodyOf, readTypeFile, resourceBody, type ArmBody } from '../../../kinds/facts/type-file.ts';
import { typesHavePath } from '../../../kinds/facts/type-path.ts';
import { valueAt } from '../../../kinds/json-path.ts';
import { readGenericTypes } from '../../../kinds/generic/generic-types.ts';
import { loadKinds, readRows } from '../../../kinds/load.ts';
import { exchanges, isBusy } from '../support/recordings.ts';

const kinds = loadKinds({ genericTypes: readGenericTypes({ GENERIC_RESOURCE_TYPES: '*' }) });
const generating = readRows()
  .filter((row) => namesOf(row).length > 0)
  .flatMap((row) =>
    row.apiVersions.map((apiVersion): [string, Row, string] => [
      `${row.kind}.${row.group} ${apiVersion}`,
      row,
      apiVersion,
    ]),
  );

function namesOf(row: Row): string[] {
  return [...Object.keys(row.generatedSecrets), ...Object.keys(row.generatedConfigMaps)];
}

function everythingOf(row: Row): JsonObject {
  const all = (names: string[]): JsonObject =>
    Object.fromEntries(names.map((name) => [name, { name: 'out', key: name }]));
  return {
    operatorSpec: {
      secrets: all(Object.keys(row.generatedSecrets)),
      configMaps: all(Object.keys(row.generatedConfigMaps)),
    },
  };
}

/** The types of what a source reads; undefined where there are none. */
function bodyRead(
  row: Row,
  apiVersion: string,
  source: Exclude<ExportSource, { from: 'id' }>,
): [ReturnType<typeof readTypeFile>, ArmBody | undefined] {
  const [provider = ''] = row.armType.split('/');
  const file = readTypeFile(provider, source.apiVersion ?? row.typesFrom?.[apiVersion] ?? apiVersion);
  if (source.from === 'answer')
    return [
      file,
      resourceBody(file, source.follow === undefined ? row.armType : 'Microsoft.Network/networkInterfaces'),
    ];
  const type = source.child === undefined ? row.armType : `${row.armType}/${source.child.split('/')[0]!}`;
  const actions = Object.entries(file.functions).find(([name]) => name.toLowerCase() === type.toLowerCase())?.[1];
  const output = actions?.[source.action]?.output;
  return [file, output && bodyOf(file, output)];
}

describe('what kinds export', () => {
  it.each(generating)('is where the types have it: %s', (_, row, apiVersion) => {
    const exports = kinds.shape(kinds.find(row)!, apiVersion).exports(everythingOf(row));
    for (const { field, source } of exports) {
      if (source.from === 'id') continue;
      const [file, body] = bodyRead(row, apiVersion, source);
      const path = source.list === undefined ? source.path : `${source.list}[].${source.path}`;
      expect([field, path, body !== undefined && typesHavePath(file, body, path)]).toEqual([field, path, true]);
      for (const condition of Object.keys(source.where ?? {})) {
        const place = `${source.list!}[].${condition}`;
        expect([field, place, typesHavePath(file, body!, place)]).toEqual([field, place, true]);
      }
    }
  });

  it('every value of a row exists at one api-version at least', () => {
    const missing = readRows().flatMap((row) => {
      const found = new Set(
        row.apiVersions.flatMap((apiVersion) =>
          kinds
            .shape(kinds.find(row)!, apiVersion)
            .exports(everythingOf(row))
            .map(({ field }) => field),
        ),
      );
      return namesOf(row)
        .filter((name) => !found.has(name))
        .map((name) => `${row.kind}: ${name}`);
    });
    expect(missing).toEqual([]);
  });

  const only = (
    group: string,
    kind: string,
    apiVersion: string,
    list: 'secrets' | 'configMaps',
    field: string,
  ): ExportSource | undefined =>
    kinds
      .shape(kinds.find({ group, kind })!, apiVersion)
      .exports({ operatorSpec: { [list]: { [field]: { name: 'n', key: 'k' } } } })[0]?.source;

  it.each<[reason: string, source: ExportSource | undefined, want: ExportSource]>([
    [
      'a part of the id needs no call',
      only('managedidentity.azure.com', 'UserAssignedIdentity', '2023-01-31', 'secrets', 'subscriptionId'),
      { from: 'id', part: 'subscription' },
    ],
    [
      'an id in the answer is followed',
      only('network.azure.com', 'PrivateEndpoint', '2024-03-01', 'configMaps', 'primaryNicPrivateIpAddress'),
      {
        from: 'answer',
        follow: 'properties.networkInterfaces[0].id',
        list: 'properties.ipConfigurations',
        where: { 'properties.primary': true },
        path: 'properties.privateIPAddress',
      },
    ],
    [
      'an action of a child',
      only('servicebus.azure.com', 'Namespace', '2021-11-01', 'secrets', 'primaryKey'),
      { from: 'action', action: 'listKeys', child: 'AuthorizationRules/RootManageSharedAccessKey', path: 'primaryKey' },
    ],
    [
      'an action at another api-version',
      only('operationalinsights.azure.com', 'Workspace', '2021-06-01', 'secrets', 'primarySharedKey'),
      { from: 'action', action: 'sharedKeys', apiVersion: '2020-08-01', path: 'primarySharedKey' },
    ],
    [
      'a value that is to be decoded',
      only('containerservice.azure.com', 'ManagedCluster', '2024-09-01', 'secrets', 'adminCredentials'),
      {
        from: 'action',
        action: 'listClusterAdminCredential',
        list: 'kubeconfigs',
        first: true,
        path: 'value',
        encoding: 'base64',
      },
    ],
  ])('%s', (_, source, want) => {
    expect(source).toEqual(want);
  });
});

describe('expressions', () => {
  const storage = kinds.find({ group: 'storage.azure.com', kind: 'StorageAccount' })!;
  const shape = kinds.shape(storage, storage.apiVersions.at(-1)!);
  const of = (list: string, entry: JsonObject): ReturnType<typeof shape.expressions> =>
    shape.expressions({ operatorSpec: { [list]: [entry] } });

  it.each<[reason: string, list: string, value: string, secrets: string[]]>([
    ['only the secrets that it names are fetched', 'secretExpressions', '"k=" + secret.key1', ['key1']],
    ['by index too', 'secretExpressions', 'secret["key2"]', ['key2']],
    ['no secret, no call', 'secretExpressions', 'self.metadata.name', []],
    ['a ConfigMap sees no secret', 'configMapExpressions', 'secret.key1', []],
  ])('%s', (_, list, value, secrets) => {
    const [expression] = of(list, { name: 'out', key: 'k', value });
    expect(expression).toMatchObject({ name: 'out', key: 'k', field: `${list}[0]`, expression: value });
    expect(Object.keys(expression!.secrets)).toEqual(secrets);
  });

  it('reads all secrets where it uses the map as a whole', () => {
    expect(Object.keys(of('secretExpressions', { name: 'out', value: 'secret' })[0]!.secrets)).toContain('key2');
  });
});

/**
 * Row 37: a value that the spec asks for and that is missing keeps the resource from Ready, unless only some resources
 * of the kind have it.
 */
describe('a ConfigMap value is optional', () => {
  const outside = (row: Row): Record<string, boolean> =>
    Object.fromEntries(
      Object.entries(row.generatedConfigMaps).map(([name, { status, optional }]) => [
        `${row.kind} ${name} ${status ?? ''}`,
        optional === true,
      ]),
    );
  const all = Object.assign({}, ...readRows().map(outside)) as Record<string, boolean>;

  it("where it is an identity's, which there may not be", () => {
    const ofIdentities = Object.entries(all).filter(([name]) => /identity\.(principalId|tenantId)$/i.test(name));
    expect(ofIdentities.length).toBeGreaterThan(5);
    expect(ofIdentities.filter(([, optional]) => !optional)).toEqual([]);
  });

  it.each<[reason: string, name: string, optional: boolean]>([
    [
      'which endpoints there are depends on the kind of account',
      'StorageAccount fileEndpoint properties.primaryEndpoints.file',
      true,
    ],
    [
      'only a cluster with an OIDC issuer has one',
      'ManagedCluster oidcIssuerProfile properties.oidcIssuerProfile.issuerURL',
      true,
    ],
    ['only an app with ingress has a name', 'ContainerApp fqdn properties.latestRevisionFqdn', true],
    ['every server has a name', 'FlexibleServer fullyQualifiedDomainName properties.fullyQualifiedDomainName', false],
    ['every identity has a client id', 'UserAssignedIdentity clientId properties.clientId', false],
  ])('or not: %s', (_, name, optional) => {
    expect(all).toHaveProperty([name], optional);
  });

  it('and every other value is in each recorded answer', () => {
    const missing = exchanges().flatMap(({ name, armType, apiVersion, answers }) => {
      const row = readRows().find((one) => one.armType.toLowerCase() === armType.toLowerCase());
      if (!row?.apiVersions.includes(apiVersion)) return [];
      const wanted = kinds.shape(kinds.find(row)!, apiVersion).exports(everythingOf(row));
      const always = wanted.filter(({ target, optional }) => target === 'ConfigMap' && !optional);
      return answers
        .filter((answer) => !isBusy(answer))
        .flatMap((answer) =>
          always.filter(({ source }) => source.from === 'answer' && valueAt(answer, source.path) === undefined),
        )
        .map(({ field }) => `${name} ${field}`);
    });
    expect(missing).toEqual([]);
  });

  it('never of a GenericResource, nor for a Secret', () => {
    const place = { path: 'properties.x', name: 'out', key: 'k' };
    const spec: JsonObject = { operatorSpec: { configMaps: { a: place }, secrets: { b: place } } };
    const kind = kinds.find({ group: 'generic.azure-temporal-operator.io', kind: 'GenericResource' })!;
    const exports = kinds.shapeFor(kind, { versionName: 'v1', spec }).exports(spec);
    expect(exports.map(({ field, optional }) => [field, optional])).toEqual([
      ['b', false],
      ['a', false],
    ]);
    const secrets = generating.flatMap(([, row, apiVersion]) =>
      kinds.shape(kinds.find(row)!, apiVersion).exports(everythingOf(row)),
    );
    expect(secrets.filter(({ target, optional }) => target === 'Secret' && optional)).toEqual([]);
  });
});

describe('a kind is invisible while it is created (row 22)', () => {
  it.each<[group: string, kind: string, invisible: boolean]>([
    ['dbformysql.azure.com', 'FlexibleServer', true],
    ['documentdb.azure.com', 'DatabaseAccount', false],
    ['generic.azure-temporal-operator.io', 'GenericResource', false],
  ])('%s %s: %s', (group, kind, invisible) => {
    expect(kinds.find({ group, kind })?.invisibleWhileCreated).toBe(invisible);
  });
});
