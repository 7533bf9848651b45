import { describe, expect, it } from '@jest/globals';

import type { Kind } from '../../kinds/contract.ts';
import { loadKinds } from '../../kinds/load.ts';
import type { JsonObject, KubeObject } from '../../kube/contract.ts';
import { secretKey } from '../../watcher/known-resource.ts';
import { WatcherState } from '../../watcher/state.ts';

const kinds = loadKinds();
const kindOf = (group: string, kind: string): Kind => kinds.find({ group, kind })!;
const SERVER = kindOf('dbformysql.azure.com', 'FlexibleServer');
const GROUP = kindOf('resources.azure.com', 'ResourceGroup');
const KEY = 'FlexibleServer.dbformysql.azure.com/n/server';
const SPEC: JsonObject = { owner: { name: 'rg' }, administratorLoginPassword: { name: 'pw', key: 'password' } };

const object = (kind: Kind, name: string, fields: { spec?: JsonObject; status?: JsonObject; meta?: object } = {}) =>
  ({
    apiVersion: `${kind.group}/v1storage`,
    kind: kind.kind,
    metadata: { name, namespace: 'n', uid: `uid-${name}`, resourceVersion: '1', generation: 1, ...fields.meta },
    spec: fields.spec ?? {},
    ...(fields.status ? { status: fields.status } : {}),
  }) as KubeObject;

const READY: JsonObject = {
  conditions: [{ type: 'Ready', status: 'True', reason: 'Succeeded', lastTransitionTime: '' }],
};

describe('WatcherState', () => {
  it.each<{
    reason: string;
    act: (state: WatcherState) => void;
    want: 'fingerprint' | 'dependencies' | 'gone' | 'none';
  }>([
    {
      reason: 'its own status does not wake a resource',
      act: (s) => s.upsertResource(SERVER, object(SERVER, 'server', { spec: SPEC, status: READY })),
      want: 'none',
    },
    {
      reason: 'a new generation does',
      act: (s) => s.upsertResource(SERVER, object(SERVER, 'server', { spec: SPEC, meta: { generation: 2 } })),
      want: 'fingerprint',
    },
    {
      reason: 'its deletion does',
      act: (s) =>
        s.upsertResource(SERVER, object(SERVER, 'server', { spec: SPEC, meta: { deletionTimestamp: 'now' } })),
      want: 'fingerprint',
    },
    {
      reason: 'a policy annotation does',
      act: (s) =>
        s.upsertResource(
          SERVER,
          object(SERVER, 'server', {
            spec: SPEC,
            meta: { annotations: { 'serviceoperator.azure.com/reconcile-policy': 'skip' } },
          }),
        ),
      want: 'fingerprint',
    },
    {
      reason: 'a label does not',
      act: (s) => s.upsertResource(SERVER, object(SERVER, 'server', { spec: SPEC, meta: { labels: { a: 'b' } } })),
      want: 'none',
    },
    {
      reason: 'the Secret it refers to appears',
      act: (s) => s.setVersion(secretKey('n', 'pw'), '7'),
      want: 'fingerprint',
    },
    {
      reason: 'a Secret of that name elsewhere is another',
      act: (s) => s.setVersion(secretKey('m', 'pw'), '7'),
      want: 'none',
    },
    {
      reason: "the namespace's credential changes",
      act: (s) => s.setVersion(secretKey('n', 'aso-credential'), '7'),
      want: 'fingerprint',
    },
    {
      reason: 'the namespace gets a policy',
      act: (s) =>
        s.setNamespace(
          'n',
          object(GROUP, 'n', { meta: { annotations: { 'serviceoperator.azure.com/reconcile-policy': 'skip' } } }),
        ),
      want: 'fingerprint',
    },
    { reason: 'the owner appears', act: (s) => s.upsertResource(GROUP, object(GROUP, 'rg')), want: 'dependencies' },
    {
      reason: 'it vanishes unannounced',
      act: (s) =>
        s.removeResource({ group: SERVER.group, kind: SERVER.kind, namespace: 'n', name: 'server' }, 'uid-server'),
      want: 'gone',
    },
    {
      reason: 'a former uid vanishes',
      act: (s) => s.removeResource({ group: SERVER.group, kind: SERVER.kind, namespace: 'n', name: 'server' }, 'other'),
      want: 'none',
    },
  ])('$reason', ({ act, want }) => {
    const dirty = new Set<string>();
    const state = new WatcherState(kinds, (key) => dirty.add(key));
    state.upsertResource(SERVER, object(SERVER, 'server', { spec: SPEC }));
    const first = state.news(KEY)!;
    state.markTold(KEY, first);
    dirty.clear();
    act(state);
    const news = dirty.has(KEY) ? state.news(KEY) : undefined;
    if (want === 'none') expect(news).toBeUndefined();
    else if (want === 'gone') expect(news?.type).toBe('gone');
    else {
      if (news?.type !== 'changed' || first.type !== 'changed') throw new Error('no change');
      expect(news.change[want]).not.toBe(first.change[want]);
    }
  });
});
