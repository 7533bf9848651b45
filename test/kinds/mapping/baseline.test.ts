import { describe, expect, it } from '@jest/globals';

import type { Json, JsonObject } from '../../../kinds/contract.ts';
import { loadKinds } from '../../../kinds/load.ts';
import { baselineOf, driftFrom, type DigestOf } from '../../../kinds/mapping/baseline.ts';

const kinds = loadKinds();
const at = (group: string, kind: string) => {
  const found = kinds.find({ group, kind })!;
  return kinds.shape(found, found.apiVersions.at(-1)!);
};
const vault = at('keyvault.azure.com', 'Vault');
const storage = at('storage.azure.com', 'StorageAccount');
const redis = at('cache.azure.com', 'Redis');
const cluster = at('containerservice.azure.com', 'ManagedCluster');
const policy = at('apimanagement.azure.com', 'Policy');
const subscription = { id: '/subscriptions/s' };

const digestOf: DigestOf = (value: Json) => JSON.stringify(value);
const rules = (...values: string[]): JsonObject => ({
  properties: { networkAcls: { ipRules: values.map((value) => ({ value, action: 'Allow' })) } },
});
const policies = (...ids: string[]): JsonObject => ({
  properties: { accessPolicies: ids.map((objectId) => ({ objectId, tenantId: 't', permissions: { keys: ['get'] } })) },
});
const pools = (...names: string[]): JsonObject => ({
  properties: { agentPoolProfiles: names.map((name) => ({ name, count: 1, etag: name })) },
});

interface Case {
  readonly reason: string;
  readonly shape: typeof vault;
  readonly sent: JsonObject;
  /** The GET after the accepted PUT. */
  readonly first: JsonObject;
  readonly later: JsonObject;
  readonly drift: string[];
}

const CASES: readonly Case[] = [
  {
    reason: 'a value that Azure normalised and does not change is not drift',
    shape: redis,
    sent: { properties: { redisVersion: '6', redisConfiguration: { 'maxmemory-delta': '1' } } },
    first: { properties: { redisVersion: '6.0', redisConfiguration: { 'maxmemory-delta': '125' } } },
    later: { properties: { redisVersion: '6.0', redisConfiguration: { 'maxmemory-delta': '125' } } },
    drift: [],
  },
  {
    reason: 'a normalised value that changes to a third value is drift (row 40)',
    shape: redis,
    sent: { properties: { redisVersion: '6' } },
    first: { properties: { redisVersion: '6.0' } },
    later: { properties: { redisVersion: '4.0' } },
    drift: ['properties.redisVersion'],
  },
  {
    reason: 'a value that becomes what was sent is not drift',
    shape: redis,
    sent: { properties: { redisVersion: '6' } },
    first: { properties: { redisVersion: '6.0' } },
    later: { properties: { redisVersion: '6' } },
    drift: [],
  },
  {
    reason: 'white space in a policy is not drift',
    shape: policy,
    sent: { properties: { value: '<policies>\n</policies>' } },
    first: { properties: { value: '<policies>\r\n</policies>' } },
    later: { properties: { value: '<policies>\r\n</policies>' } },
    drift: [],
  },
  {
    reason: 'a rule that was taken out of a list (row 32)',
    shape: storage,
    sent: rules('1.1.1.1', '2.2.2.2'),
    first: rules('1.1.1.1', '2.2.2.2'),
    later: rules('2.2.2.2'),
    drift: ['properties.networkAcls.ipRules[0]'],
  },
  {
    reason: 'a list that was emptied (row 32)',
    shape: storage,
    sent: rules('1.1.1.1'),
    first: rules('1.1.1.1'),
    later: rules(),
    drift: ['properties.networkAcls.ipRules'],
  },
  {
    reason: 'a list that was removed (row 32)',
    shape: storage,
    sent: rules('1.1.1.1'),
    first: rules('1.1.1.1'),
    later: { properties: { networkAcls: {} } },
    drift: ['properties.networkAcls.ipRules'],
  },
  {
    reason: 'tags that were removed, all of them (row 32)',
    shape: storage,
    sent: { tags: { a: '1' } },
    first: { tags: { a: '1' } },
    later: {},
    drift: ['tags'],
  },
  {
    reason: 'a list that Azure never answers, whether it leaves it out, says null or says that it is empty',
    shape: storage,
    sent: rules('1.1.1.1'),
    first: { properties: {} },
    later: { properties: { networkAcls: { ipRules: [] } } },
    drift: [],
  },
  {
    reason: 'an entry that was added to a list that only the payload had filled is drift (row 36)',
    shape: storage,
    sent: rules('1.1.1.1'),
    first: rules('1.1.1.1'),
    later: rules('1.1.1.1', '6.6.6.6'),
    drift: ['properties.networkAcls.ipRules'],
  },
  {
    reason: 'an entry that was added to an empty list is drift',
    shape: storage,
    sent: rules(),
    first: rules(),
    later: rules('6.6.6.6'),
    drift: ['properties.networkAcls.ipRules'],
  },
  {
    reason: 'other entries may come and go in a list that Azure extended (row 36)',
    shape: vault,
    sent: policies('mine', 'ours'),
    first: policies('workspace', 'mine', 'ours'),
    later: policies('other', 'ours', 'third', 'mine'),
    drift: [],
  },
  {
    reason: 'a missing entry of the payload is drift, also in a list that Azure extended',
    shape: vault,
    sent: policies('mine', 'ours'),
    first: policies('workspace', 'mine', 'ours'),
    later: policies('workspace', 'ours'),
    drift: ['properties.accessPolicies[0].objectId'],
  },
  {
    reason: 'a changed entry of the payload is drift, also in a list that Azure extended',
    shape: cluster,
    sent: { properties: { agentPoolProfiles: [{ name: 'mine', count: 1 }] } },
    first: pools('system', 'mine'),
    later: {
      properties: {
        agentPoolProfiles: [
          { name: 'mine', count: 7 },
          { name: 'new', count: 1 },
        ],
      },
    },
    drift: ['properties.agentPoolProfiles[0].count'],
  },
  {
    reason: 'what Azure normalises inside an entry, in another order and with another etag',
    shape: cluster,
    sent: {
      properties: {
        agentPoolProfiles: [
          { name: 'a', vmSize: 'x' },
          { name: 'b', vmSize: 'x', count: 3 },
        ],
      },
    },
    first: {
      properties: {
        agentPoolProfiles: [
          { name: 'a', vmSize: 'y', etag: 1 },
          { name: 'b', vmSize: 'x', count: null },
        ],
      },
    },
    later: {
      properties: {
        agentPoolProfiles: [
          { name: 'b', vmSize: 'x', etag: 2 },
          { name: 'a', vmSize: 'y', etag: 3 },
        ],
      },
    },
    drift: [],
  },
  {
    reason: 'a single value that was removed',
    shape: storage,
    sent: { properties: { minimumTlsVersion: 'TLS1_2' } },
    first: { properties: { minimumTlsVersion: 'TLS1_2' } },
    later: { properties: {} },
    drift: ['properties.minimumTlsVersion'],
  },
];

describe('drift from the baseline', () => {
  it.each(CASES)('$reason', ({ shape, sent, first, later, drift }) => {
    const payload = { name: 'x', ...sent };
    const baseline = baselineOf(shape.differences(payload, { ...subscription, ...first }), digestOf);
    const found = driftFrom(baseline, shape.differences(payload, { ...subscription, ...later }), digestOf);
    expect(found.map(({ path }) => path)).toEqual(drift);
  });

  it('is every difference where the baseline has none', () => {
    const differences = [{ path: 'a', actual: 1 }];
    expect(driftFrom(undefined, differences, digestOf)).toEqual(differences);
  });

  it('knows no path that the baseline has by chance only', () => {
    expect(driftFrom({}, [{ path: 'constructor', actual: undefined }], digestOf)).toHaveLength(1);
  });

  it('keeps digests, never values', () => {
    const differences = [{ path: 'a', actual: { b: ['canary'] } }];
    expect(JSON.stringify(baselineOf(differences, () => 'digest'))).not.toContain('canary');
  });
});
