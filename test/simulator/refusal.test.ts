import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../simulator/json.ts';
import { startSimulator, type Simulator } from '../../simulator/start.ts';
import { clientFor, type Client } from './client.ts';

let simulator: Simulator;
let client: Client;
const group = `/subscriptions/${randomUUID()}/resourceGroups/rg`;
beforeAll(async () => {
  simulator = await startSimulator({ timeScale: 0 });
  client = clientFor(simulator);
  await client.call('PUT', `${group}?api-version=2020-06-01`, { location: 'westus2' });
});
afterAll(async () => {
  client.close();
  await simulator.close();
});

const unread = (why: string): string =>
  `The request content was invalid and could not be deserialized: '${why}, line 1, position 1.'.`;

type Case = { reason: string; type: string; body: JsonObject; code: string; message: string };
const server = 'Microsoft.DBforMySQL/flexibleServers/s?api-version=2021-05-01';
const cases: Case[] = [
  {
    reason: 'an unknown property',
    type: server,
    body: { location: 'westus2', properties: { storage: { size: 1 } } },
    code: 'InvalidRequestContent',
    message: unread("Could not find member 'size' on object of type 'storage'. Path 'properties.storage.size'"),
  },
  {
    reason: 'a read-only property',
    type: server,
    body: { location: 'westus2', properties: { fullyQualifiedDomainName: 'f' } },
    code: 'InvalidRequestContent',
    message: unread(
      "The property 'properties.fullyQualifiedDomainName' is read-only and cannot be sent. Path 'properties.fullyQualifiedDomainName'",
    ),
  },
  {
    reason: 'no location, which the gateway refuses',
    type: server,
    body: {},
    code: 'LocationRequired',
    message: 'The location property is required for this definition.',
  },
  {
    reason: 'another missing required property',
    type: server,
    body: { location: 'westus2', sku: { name: 'n' } },
    code: 'MissingRequiredParameter',
    message: "Required parameter 'sku.tier' is missing (null).",
  },
  {
    reason: 'storage names all wrong values, without `properties`',
    type: 'Microsoft.Storage/storageAccounts/st?api-version=2021-04-01',
    body: {
      location: 'westus2',
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
      properties: { accessTier: 'Lukewarm', largeFileSharesState: 'No' },
    },
    code: 'InvalidValuesForRequestParameters',
    message: 'Values for request parameters are invalid: accessTier.',
  },
  {
    reason: 'a value beyond its limits',
    type: 'Microsoft.DocumentDB/databaseAccounts/a?api-version=2021-05-15',
    body: {
      location: 'westus2',
      properties: {
        databaseAccountOfferType: 'Standard',
        locations: [],
        consistencyPolicy: { defaultConsistencyLevel: 'Session', maxStalenessPrefix: 0 },
      },
    },
    code: 'InvalidParameter',
    message:
      "The value of parameter 'properties.consistencyPolicy.maxStalenessPrefix' is invalid: it is below the minimum of 1.",
  },
];

describe('what the simulator refuses', () => {
  it.each(cases)('$reason', async ({ type, body, code, message }) => {
    const answer = await client.call('PUT', `${group}/providers/${type}`, body);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ error: { code, message } });
  });

  it('accepts a type that it does not know', async () => {
    const answer = await client.call('PUT', `${group}/providers/Microsoft.Other/things/t?api-version=2021-01-01`, {
      x: 1,
    });
    expect(answer.status).toBe(201);
  });
});
