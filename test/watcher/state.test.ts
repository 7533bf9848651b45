import { describe, expect, it } from '@jest/globals';

import type { Kind } from '../../kinds/contract.ts';
import { loadKinds } from '../../kinds/load.ts';
import type { JsonObject, KubeObject } from '../../kube/contract.ts';
import { CREDENTIAL_FINALIZER } from '../../kube/names.ts';
import { configMapKey, secretKey } from '../../watcher/object-keys.ts';
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
const RESOURCE_ID = 'serviceoperator.azure.com/resource-id';
const OPERATOR = 'serviceoperator.azure.com/operator-namespace';
const blocked = server({
  status: { azureTemporalOperator: { uid: UID, blockedBy: 'ResourceGroup.resources.azure.com/n/holder' } },
});
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

/** Changes of the facts of a resource whose run is open; the run is signalled. */
const ROWS: Row[] = [
  {
    reason: 'its own status causes no signal',
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
      "the namespace's credential changes: only a dependency, because our own finalizer on it must not reconcile every resource (row 20)",
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
    reason: 'a foreign Secret has the name of its destination',
    act: (s) => s.setObject(secretKey('n', 'out'), metadata('7', 'somebody')),
    want: 'dependencies',
  },
  {
    reason: "a foreign ConfigMap has the name of an expression's destination",
    act: (s) => s.setObject(configMapKey('n', 'facts'), metadata('7')),
    want: 'dependencies',
  },
  {
    reason: 'a foreign object with the name of its destination is deleted (rows 9, 28)',
    before: (s) => s.setObject(secretKey('n', 'out'), metadata('7', 'the-predecessor')),
    act: (s) => s.setObject(secretKey('n', 'out'), undefined),
    want: 'dependencies',
  },
  {
    reason: 'the operator writes its export: no signal for our own write',
    act: (s) => s.setObject(secretKey('n', 'out'), metadata('7', UID)),
    want: 'none',
  },
  {
    reason: 'the operator writes its export once more',
    before: (s) => s.setObject(secretKey('n', 'out'), metadata('7', UID)),
    act: (s) => s.setObject(secretKey('n', 'out'), metadata('8', UID)),
    want: 'none',
  },
  {
    reason: 'the resource that manages its ARM id is deleted: it may go on (row 6)',
    before: (s) => {
      s.upsertResource(GROUP, object(GROUP, 'holder'));
      s.upsertResource(SERVER, blocked);
    },
    act: (s) =>
      s.removeResource({ group: GROUP.group, kind: GROUP.kind, namespace: 'n', name: 'holder' }, 'uid-holder'),
    want: 'dependencies',
  },
  {
    reason: 'the resource that manages its ARM id gets another id',
    before: (s) => {
      s.upsertResource(GROUP, object(GROUP, 'holder'));
      s.upsertResource(SERVER, blocked);
    },
    act: (s) => s.upsertResource(GROUP, object(GROUP, 'holder', { meta: { annotations: { [RESOURCE_ID]: '/x' } } })),
    want: 'dependencies',
  },
  {
    reason: 'the resource that manages its ARM id becomes Ready, and manages it still',
    before: (s) => {
      s.upsertResource(GROUP, object(GROUP, 'holder'));
      s.upsertResource(SERVER, blocked);
    },
    act: (s) => s.upsertResource(GROUP, object(GROUP, 'holder', { status: { conditions: conditions(true) } })),
    want: 'none',
  },
  {
    reason: 'this operator writes its own namespace with the claim',
    act: (s) => s.upsertResource(SERVER, annotated({ [OPERATOR]: 'ours' })),
    want: 'none',
  },
  {
    reason: 'it is handed to another operator: its open run must stop',
    act: (s) => s.upsertResource(SERVER, annotated({ [OPERATOR]: 'theirs' })),
    want: 'fingerprint',
  },
  {
    reason: 'it disappears without a deletionTimestamp',
    act: (s) => s.removeResource({ group: SERVER.group, kind: SERVER.kind, namespace: 'n', name: 'server' }, UID),
    want: 'gone',
  },
  { reason: 'its CRD is deleted', act: (s) => s.removeKind(SERVER), want: 'gone' },
  {
    reason: 'an earlier resource of its name is deleted',
    act: (s) => s.removeResource({ group: SERVER.group, kind: SERVER.kind, namespace: 'n', name: 'server' }, 'other'),
    want: 'none',
  },
];

describe('WatcherState: which signals an open run gets', () => {
  it.each(ROWS)('$reason', ({ before, act, want }) => {
    const dirty = new Set<string>();
    const state = new WatcherState(kinds, (key) => dirty.add(key), undefined, { operatorNamespace: 'ours' });
    state.upsertResource(SERVER, server());
    before?.(state);
    const first = state.pendingSignal(KEY)!;
    state.markSignalled(KEY, first);
    dirty.clear();
    act(state);
    const signal = dirty.has(KEY) ? state.pendingSignal(KEY) : undefined;
    if (want === 'none') expect(signal).toBeUndefined();
    else if (want === 'gone') expect(signal?.type).toBe('gone');
    else {
      if (signal?.type !== 'changed' || first.type !== 'changed') throw new Error('no change');
      expect(signal.because).toBe(want === 'fingerprint' ? 'changed' : 'dependencies');
      expect(signal.change[want]).not.toBe(first.change[want]);
    }
  });
});

interface EndedRow {
  reason: string;
  ready: boolean;
  stored?: (fingerprint: string) => JsonObject;
  /** Before the first call of `pendingSignal`. */
  before?: (state: WatcherState) => void;
  act?: (state: WatcherState) => void;
  want: string | undefined;
}

const exported = [{ kind: 'Secret', name: 'out' }];
const OUT = secretKey('n', 'out');
const writeExport = (s: WatcherState): void => s.setObject(OUT, metadata('7', UID));

/** A run has ended and has stored the fingerprint that it handled; the watcher was started after that. */
const ENDED: EndedRow[] = [
  { reason: 'Ready: no signal at a start', ready: true, want: undefined },
  { reason: 'failed with a terminal error: no signal at a start', ready: false, want: undefined },
  {
    reason: 'a status that was restored from a backup under another uid is ignored',
    ready: true,
    stored: (fingerprint) => ({ uid: 'before', fingerprint }),
    want: 'changed',
  },
  {
    reason: 'a stored state that is not an object is ignored',
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
    reason: 'failed: our own finalizer was added to its credential, which cannot be what it needed (row 20)',
    ready: false,
    before: (s) => s.setObject(secretKey('n', 'aso-credential'), metadata('7')),
    act: (s) => s.setObject(secretKey('n', 'aso-credential'), { ...metadata('8'), finalizers: [CREDENTIAL_FINALIZER] }),
    want: undefined,
  },
  {
    reason: 'failed: the foreign Secret with the name of its destination was deleted (row 28)',
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
      'somebody deletes what it exported and creates another object of that name: the next resync reports it as foreign',
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
    reason: 'what it exported exists',
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
  { reason: 'a resync is due', ready: true, act: (s) => s.setDue(KEY), want: 'resync' },
];

describe('WatcherState: when a run has ended', () => {
  it.each(ENDED)('$reason', ({ ready, stored, before, act, want }) => {
    const state = new WatcherState(kinds, () => undefined);
    state.upsertResource(SERVER, server());
    before?.(state);
    const first = state.pendingSignal(KEY);
    if (first?.type !== 'changed') throw new Error('no change');
    const { fingerprint } = first.change;
    const azureTemporalOperator = stored?.(fingerprint) ?? { uid: UID, fingerprint };
    state.upsertResource(SERVER, server({ status: { azureTemporalOperator, conditions: conditions(ready) } }));
    if (act) {
      expect(state.pendingSignal(KEY)).toBeUndefined();
      act(state);
    }
    const signal = state.pendingSignal(KEY);
    expect(signal?.type === 'changed' ? signal.because : undefined).toBe(want);
    if (signal) {
      state.markSignalled(KEY, signal);
      expect(state.pendingSignal(KEY)).toBeUndefined();
    }
  });

  it('signals a deleted export after the open run has ended without writing it', () => {
    const state = new WatcherState(kinds, () => undefined);
    state.upsertResource(SERVER, server());
    writeExport(state);
    const first = state.pendingSignal(KEY);
    if (first?.type !== 'changed') throw new Error('no change');
    state.markSignalled(KEY, first);
    state.setObject(OUT, undefined);
    expect(state.pendingSignal(KEY)).toBeUndefined();
    const azureTemporalOperator = { uid: UID, fingerprint: first.change.fingerprint, exported };
    state.upsertResource(SERVER, server({ status: { azureTemporalOperator, conditions: conditions(true) } }));
    expect(state.pendingSignal(KEY)).toMatchObject({ because: 'destination' });
  });

  it('counts what another watcher had time to signal as signalled, unless no reconcile has handled it', () => {
    const state = new WatcherState(kinds, () => undefined);
    state.upsertResource(SERVER, server());
    const first = state.pendingSignal(KEY);
    if (first?.type !== 'changed') throw new Error('no change');
    state.assumeSignalled(KEY);
    expect(state.pendingSignal(KEY)).toMatchObject({ because: 'changed' });
    const azureTemporalOperator = { uid: UID, fingerprint: first.change.fingerprint };
    state.upsertResource(SERVER, server({ status: { azureTemporalOperator, conditions: conditions(false) } }));
    expect(state.pendingSignal(KEY)).toBeUndefined();
    state.setObject(secretKey('n', 'aso-credential'), metadata('8'));
    expect(state.pendingSignal(KEY)).toMatchObject({ because: 'dependencies' });
    state.assumeSignalled(KEY);
    expect(state.pendingSignal(KEY)).toBeUndefined();
  });
});
