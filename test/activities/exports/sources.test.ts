import { describe, expect, it } from '@jest/globals';
import { getFromAzure } from '../../../activities/arm/call.ts';
import { createSources } from '../../../activities/exports/sources.ts';
import { loadKinds } from '../../../kinds/load.ts';
import { azureCalls, targetOf } from '../azure-calls.ts';

const kinds = loadKinds();
const kindOf = (group: string, kind: string) => kinds.find({ group, kind })!;
const group = '/subscriptions/s/resourceGroups/rg';

describe('where exported values come from', () => {
  const bus = kindOf('servicebus.azure.com', 'Namespace');
  const busId = `${group}/providers/Microsoft.ServiceBus/namespaces/b`;
  const rule = { from: 'action', action: 'listKeys', child: 'AuthorizationRules/Root' } as const;

  it('asks once for what several values are in, also when they are asked for together', async () => {
    const { access, asked } = azureCalls([{ status: 200, body: { primaryKey: 'one', secondaryKey: 'two' } }]);
    const sources = createSources(targetOf(busId, '2021-11-01'), bus, access);
    const values = await Promise.all([
      sources.value({ ...rule, path: 'primaryKey' }),
      sources.value({ ...rule, path: 'secondaryKey' }),
    ]);
    expect(values).toEqual(['one', 'two']);
    expect(asked()).toEqual([`POST ${busId}/AuthorizationRules/Root/listKeys?api-version=2021-11-01`]);
  });

  it('calls an action at the api-version that it has', async () => {
    const { access, asked } = azureCalls([{ status: 200, body: { primarySharedKey: 'k' } }]);
    const id = `${group}/providers/Microsoft.OperationalInsights/workspaces/w`;
    const sources = createSources(
      targetOf(id, '2021-06-01'),
      kindOf('operationalinsights.azure.com', 'Workspace'),
      access,
    );
    expect(
      await sources.value({ from: 'action', action: 'sharedKeys', apiVersion: '2020-08-01', path: 'primarySharedKey' }),
    ).toBe('k');
    expect(asked()).toEqual([`POST ${id}/sharedKeys?api-version=2020-08-01`]);
  });

  it('follows an id in the answer; where there is none there is no value', async () => {
    const endpoint = kindOf('network.azure.com', 'PrivateEndpoint');
    const id = `${group}/providers/Microsoft.Network/privateEndpoints/e`;
    const nic = `${group}/providers/Microsoft.Network/networkInterfaces/n`;
    const source = kinds
      .shape(endpoint, '2024-03-01')
      .exports({ operatorSpec: { configMaps: { primaryNicPrivateIpAddress: { name: 'c', key: 'ip' } } } })[0]!.source;
    const { access, asked } = azureCalls([
      { status: 200, body: { properties: { networkInterfaces: [{ id: nic }] } } },
      {
        status: 200,
        body: { properties: { ipConfigurations: [{ properties: { primary: true, privateIPAddress: '10.0.0.4' } }] } },
      },
    ]);
    expect(await createSources(targetOf(id, '2024-03-01'), endpoint, access).value(source)).toBe('10.0.0.4');
    expect(asked()).toEqual([`GET ${id}?api-version=2024-03-01`, `GET ${nic}?api-version=2024-03-01`]);
    const none = azureCalls([{ status: 200, body: { properties: {} } }]);
    expect(await createSources(targetOf(id, '2024-03-01'), endpoint, none.access).value(source)).toBeUndefined();
  });

  it('takes a part of the id without asking', async () => {
    const { access, asked } = azureCalls([]);
    const sources = createSources(targetOf(busId, '2021-11-01'), bus, access);
    const parts = (['subscription', 'resourceGroup', 'name'] as const).map((part) =>
      sources.value({ from: 'id', part }),
    );
    expect(await Promise.all(parts)).toEqual(['s', 'rg', 'b']);
    expect(asked()).toEqual([]);
  });

  it('asks the typed client of MySQL for what goes into Secrets, once', async () => {
    const id = `${group}/providers/Microsoft.DBforMySQL/flexibleServers/m`;
    const { access, asked } = azureCalls([
      { status: 200, body: { id, properties: { fullyQualifiedDomainName: 'm.example', administratorLogin: 'a' } } },
    ]);
    const sources = createSources(targetOf(id, '2023-06-30'), kindOf('dbformysql.azure.com', 'FlexibleServer'), access);
    expect(await sources.value({ from: 'answer', path: 'properties.fullyQualifiedDomainName' })).toBe('m.example');
    expect(await sources.value({ from: 'answer', path: 'properties.administratorLogin' })).toBe('a');
    expect(asked()).toEqual([`GET ${id}?api-version=2023-06-30`]);
  });
});

describe('a kind that Azure knows by HEAD alone', () => {
  const kind = kindOf('apimanagement.azure.com', 'ProductApi');
  const id = `${group}/providers/Microsoft.ApiManagement/service/s/products/p/apis/a`;

  it.each([
    ['there', 204, { body: { id, name: 'a', type: kind.armType }, etag: undefined }],
    ['not there', 404, undefined],
  ])('is %s', async (_, status, want) => {
    const { access, asked } = azureCalls([{ status }]);
    expect(await getFromAzure({ kind, arm: access.arm }, targetOf(id, '2022-08-01'))).toEqual(want);
    expect(asked()).toEqual([`HEAD ${id}?api-version=2022-08-01`]);
  });
});
