import { describe, expect, it } from '@jest/globals';

import type { Kind } from '../../kinds/contract.ts';
import { loadKinds } from '../../kinds/load.ts';
import type { JsonObject, KubeObject } from '../../kube/contract.ts';
import { CREDENTIAL_FINALIZER } from '../../kube/names.ts';
import { configMapKey, secretKey } from '../../watcher/keys.ts';
import { WatcherState } from '../../watcher/state.ts';

const kinds = loadKinds();
const kindOf = (group: string, kind: string): Kind => kinds.find({ group, kind })!;
const SERVER = kindOf('dbformysql.azure.com', 'FlexibleServer');
const GROUP = kindOf('resources.azure.com', 'ResourceGroup');
const KEY = 'FlexibleServer.dbformysql.azure.com/n/server';
const UID = 'uid-server';
const SPEC: JsonObject = {
  owner: { name: 'rg' },
  administratorLoginPassword: { name: 'pw', key: 'password' },
  operatorSpec: {
    secrets: { fullyQualifiedDomainName: { name: 'out', key: 'host' } },
    configMapExpressions: [{ name: 'facts', key: 'id', value: 'self.status.id' }],
  },
};

const object = (kind: Kind, name: string, fields: { spec?: JsonObject; status?: JsonObject; meta?: object } = {}) =>
  ({
    apiVersion: `${kind.group}/v1storage`,
    kind: kind.kind,
    metadata: { name, namespace: 'n', uid: `uid-${name}`, resourceVersion: '1', generation: 1, ...fields.meta },
    spec: fields.spec ?? {},
    ...(fields.status ? { status: fields.status } : {}),
  }) as KubeObject;

const server = (fields: { spec?: JsonObject; status?: JsonObject; meta?: object } = {}): KubeObject =>
  object(SERVER, 'server', { spec: SPEC, ...fields });
const annotated = (annotations: object): KubeObject => server({ meta: { annotations } });
const metadata = (resourceVersion: string, ...owners: string[]): KubeObject['metadata'] => ({
  name: '',
  uid: 'some',
  resourceVersion,
  ownerReferences: owners.map((uid) => ({ apiVersion: '', kind: '', name: '', uid })),
});

const conditions = (ready: boolean) => [
  { type: 'Ready', status: ready ? 'True' : 'False', reason: 'Any', lastTransitionTime: '' },
];

interface Row {
  reason: string;
  before?: (state: WatcherState) => void;
  act: (state: WatcherState) => void;
  want: 'fingerprint' | 'dependencies' | 'gone' | 'none';
}

/** What changes the facts of a resource whose run is open: that run is told. */
const ROWS: Row[] = [
  {
    reason: 'its own status does not wake a resource',
    act: (s) => s.upsertResource(SERVER, server({ status: { conditions: conditions(true) } })),
    want: 'none',
  },
  {
    reason: 'a new generation does',
    act: (s) => s.upsertResource(SERVER, server({ meta: { generation: 2 } })),
    want: 'fingerprint',
  },
  {
    reason: 'its deletion does',
    act: (s) => s.upsertResource(SERVER, server({ meta: { deletionTimestamp: 'now' } })),
    want: 'fingerprint',
  },
  {
    reason: 'a policy annotation does',
    act: (s) => s.upsertResource(SERVER, annotated({ 'serviceoperator.azure.com/reconcile-policy': 'skip' })),
    want: 'fingerprint',
  },
  {
    reason: 'another credential does',
    act: (s) => s.upsertResource(SERVER, annotated({ 'serviceoperator.azure.com/credential-from': 'mine' })),
    want: 'fingerprint',
  },
  {
    reason: 'the user asks for a reconcile now (row 28)',
    act: (s) =>
      s.upsertResource(SERVER, annotated({ 'azure-temporal-operator.io/reconcile-requested-at': '2026-11-26' })),
    want: 'fingerprint',
  },
  {
    reason: 'an unrelated annotation does not',
    act: (s) => s.upsertResource(SERVER, annotated({ a: 'b' })),
    want: 'none',
  },
  {
    reason: 'a label does not',
    act: (s) => s.upsertResource(SERVER, server({ meta: { labels: { a: 'b' } } })),
    want: 'none',
  },
  {
    reason: 'a new uid under the old name is another resource',
    act: (s) => s.upsertResource(SERVER, server({ meta: { uid: 'other' } })),
    want: 'fingerprint',
  },
  {
    reason: 'the Secret it reads appears',
    act: (s) => s.setObject(secretKey('n', 'pw'), metadata('7')),
    want: 'fingerprint',
  },
  {
    reason: 'a Secret of that name elsewhere is another',
    act: (s) => s.setObject(secretKey('m', 'pw'), metadata('7')),
    want: 'none',
  },
  {
    reason:
      "the namespace's credential changes: a dependency only, for our own finalizer on it must not reconcile the world (row 20)",
    act: (s) => s.setObject(secretKey('n', 'aso-credential'), metadata('7')),
    want: 'dependencies',
  },
  {
    reason: 'so does the credential that it names itself',
    before: (s) => s.upsertResource(SERVER, annotated({ 'serviceoperator.azure.com/credential-from': 'mine' })),
    act: (s) => s.setObject(secretKey('n', 'mine'), metadata('7')),
    want: 'dependencies',
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
    reason: 'the owner becomes Ready',
    before: (s) => s.upsertResource(GROUP, object(GROUP, 'rg')),
    act: (s) => s.upsertResource(GROUP, object(GROUP, 'rg', { status: { conditions: conditions(true) } })),
    want: 'dependencies',
  },
  {
    reason: 'a foreign Secret is in the way of its export',
    act: (s) => s.setObject(secretKey('n', 'out'), metadata('7', 'somebody')),
    want: 'dependencies',
  },
  {
    reason: 'a foreign ConfigMap is in the way of an expression',
    act: (s) => s.setObject(configMapKey('n', 'facts'), metadata('7')),
    want: 'dependencies',
  },
  {
    reason: 'what is in the way of its export is deleted (rows 9, 28)',
    before: (s) => s.setObject(secretKey('n', 'out'), metadata('7', 'the-predecessor')),
    act: (s) => s.setObject(secretKey('n', 'out'), undefined),
    want: 'dependencies',
  },
  {
    reason: 'its own export is written: our own write wakes nothing',
    act: (s) => s.setObject(secretKey('n', 'out'), metadata('7', UID)),
    want: 'none',
  },
  {
    reason: 'its own export is written once more',
    before: (s) => s.setObject(secretKey('n', 'out'), metadata('7', UID)),
    act: (s) => s.setObject(secretKey('n', 'out'), metadata('8', UID)),
    want: 'none',
  },
  {
    reason: 'it vanishes unannounced',
    act: (s) => s.removeResource({ group: SERVER.group, kind: SERVER.kind, namespace: 'n', name: 'server' }, UID),
    want: 'gone',
  },
  { reason: 'its kind vanishes', act: (s) => s.removeKind(SERVER), want: 'gone' },
  {
    reason: 'a former uid vanishes',
    act: (s) => s.removeResource({ group: SERVER.group, kind: SERVER.kind, namespace: 'n', name: 'server' }, 'other'),
    want: 'none',
  },
];

describe('WatcherState: what an open run is told', () => {
  it.each(ROWS)('$reason', ({ before, act, want }) => {
    const dirty = new Set<string>();
    const state = new WatcherState(kinds, (key) => dirty.add(key));
    state.upsertResource(SERVER, server());
    before?.(state);
    const first = state.news(KEY)!;
    state.markTold(KEY, first);
    dirty.clear();
    act(state);
    const news = dirty.has(KEY) ? state.news(KEY) : undefined;
    if (want === 'none') expect(news).toBeUndefined();
    else if (want === 'gone') expect(news?.type).toBe('gone');
    else {
      if (news?.type !== 'changed' || first.type !== 'changed') throw new Error('no change');
      expect(news.because).toBe(want === 'fingerprint' ? 'changed' : 'dependencies');
      expect(news.change[want]).not.toBe(first.change[want]);
    }
  });
});

interface EndedRow {
  reason: string;
  ready: boolean;
  stored?: (fingerprint: string) => JsonObject;
  /** Before the watcher first asks what is to be told. */
  before?: (state: WatcherState) => void;
  act?: (state: WatcherState) => void;
  want: string | undefined;
}

const exported = [{ kind: 'Secret', name: 'out' }];
const OUT = secretKey('n', 'out');
const writeExport = (s: WatcherState): void => s.setObject(OUT, metadata('7', UID));

/** A run has ended and has stored what it dealt with; the watcher has been started after that. */
const ENDED: EndedRow[] = [
  { reason: 'Ready: nobody is told at a start', ready: true, want: undefined },
  { reason: 'failed for good: nobody is told at a start', ready: false, want: undefined },
  {
    reason: 'a status that was restored from a backup under another uid is void',
    ready: true,
    stored: (fingerprint) => ({ uid: 'before', fingerprint }),
    want: 'changed',
  },
  {
    reason: 'a stored state that is none is void',
    ready: true,
    stored: () => [] as unknown as JsonObject,
    want: 'changed',
  },
  {
    reason: 'Ready: its credential changes',
    ready: true,
    act: (s) => s.setObject(secretKey('n', 'aso-credential'), metadata('8')),
    want: undefined,
  },
  {
    reason: 'failed: its credential was corrected',
    ready: false,
    act: (s) => s.setObject(secretKey('n', 'aso-credential'), metadata('8')),
    want: 'dependencies',
  },
  {
    reason: 'failed: our own finalizer came upon its credential, which cannot be what it needed (row 20)',
    ready: false,
    before: (s) => s.setObject(secretKey('n', 'aso-credential'), metadata('7')),
    act: (s) => s.setObject(secretKey('n', 'aso-credential'), { ...metadata('8'), finalizers: [CREDENTIAL_FINALIZER] }),
    want: undefined,
  },
  {
    reason: 'failed: the foreign Secret in its way was deleted (row 28)',
    ready: false,
    before: (s) => s.setObject(OUT, metadata('7', 'somebody')),
    act: (s) => s.setObject(OUT, undefined),
    want: 'dependencies',
  },
  {
    reason: 'failed: its owner became Ready',
    ready: false,
    act: (s) => s.upsertResource(GROUP, object(GROUP, 'rg')),
    want: 'dependencies',
  },
  {
    reason: 'Ready: somebody deletes what it exported',
    ready: true,
    before: writeExport,
    act: (s) => s.setObject(OUT, undefined),
    want: 'destination',
  },
  {
    reason:
      'somebody deletes what it exported and makes another of that name: it is in the way, the next resync says so',
    ready: true,
    before: writeExport,
    act: (s) => {
      s.setObject(OUT, undefined);
      s.setObject(OUT, metadata('9', 'somebody'));
    },
    want: undefined,
  },
  {
    reason: 'what it exported was deleted while no watcher ran',
    ready: true,
    stored: (fingerprint) => ({ uid: UID, fingerprint, exported }),
    want: 'destination',
  },
  {
    reason: 'what it exported is there',
    ready: true,
    stored: (fingerprint) => ({ uid: UID, fingerprint, exported }),
    before: writeExport,
    want: undefined,
  },
  {
    reason: "somebody else's object of a destination's name is deleted: nothing of ours is missing",
    ready: true,
    before: (s) => s.setObject(OUT, metadata('7', 'somebody')),
    act: (s) => s.setObject(OUT, undefined),
    want: undefined,
  },
  { reason: 'its turn for a resync has come', ready: true, act: (s) => s.setDue(KEY), want: 'resync' },
];

describe('WatcherState: when a run has ended', () => {
  it.each(ENDED)('$reason', ({ ready, stored, before, act, want }) => {
    const state = new WatcherState(kinds, () => undefined);
    state.upsertResource(SERVER, server());
    before?.(state);
    const first = state.news(KEY);
    if (first?.type !== 'changed') throw new Error('no change');
    const { fingerprint } = first.change;
    const azureTemporalOperator = stored?.(fingerprint) ?? { uid: UID, fingerprint };
    state.upsertResource(SERVER, server({ status: { azureTemporalOperator, conditions: conditions(ready) } }));
    if (act) {
      expect(state.news(KEY)).toBeUndefined();
      act(state);
    }
    const news = state.news(KEY);
    expect(news?.type === 'changed' ? news.because : undefined).toBe(want);
    if (news) {
      state.markTold(KEY, news);
      expect(state.news(KEY)).toBeUndefined();
    }
  });

  it('an export that is deleted while a run is open is written when that run has ended without it', () => {
    const state = new WatcherState(kinds, () => undefined);
    state.upsertResource(SERVER, server());
    writeExport(state);
    const first = state.news(KEY);
    if (first?.type !== 'changed') throw new Error('no change');
    state.markTold(KEY, first);
    state.setObject(OUT, undefined);
    expect(state.news(KEY)).toBeUndefined();
    const azureTemporalOperator = { uid: UID, fingerprint: first.change.fingerprint, exported };
    state.upsertResource(SERVER, server({ status: { azureTemporalOperator, conditions: conditions(true) } }));
    expect(state.news(KEY)).toMatchObject({ because: 'destination' });
  });

  it('what another watcher was there to tell counts as told, but for what nobody has dealt with', () => {
    const state = new WatcherState(kinds, () => undefined);
    state.upsertResource(SERVER, server());
    const first = state.news(KEY);
    if (first?.type !== 'changed') throw new Error('no change');
    state.assumeTold(KEY);
    expect(state.news(KEY)).toMatchObject({ because: 'changed' });
    const azureTemporalOperator = { uid: UID, fingerprint: first.change.fingerprint };
    state.upsertResource(SERVER, server({ status: { azureTemporalOperator, conditions: conditions(false) } }));
    expect(state.news(KEY)).toBeUndefined();
    state.setObject(secretKey('n', 'aso-credential'), metadata('8'));
    expect(state.news(KEY)).toMatchObject({ because: 'dependencies' });
    state.assumeTold(KEY);
    expect(state.news(KEY)).toBeUndefined();
  });
});
