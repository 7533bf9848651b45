import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { STORED_STATE } from '../../../contract/stored-state.ts';
import type { KubeApi, Manifest } from '../../../dev/kube-api.ts';
import { ANNOTATIONS } from '../../../kube/annotations.ts';
import {
  account,
  ACCEPTED,
  CLAIMED,
  generic,
  keyOf,
  RESOURCE_ID,
  startPolicyCluster,
  statusPath,
  stored,
  type PolicyCluster,
} from './policy-cluster.ts';

const AUTHOR = 'author';
/** `cluster-admin`, but bound in one namespace, as tenants often have it. */
const TENANT = 'tenant';
const OPERATOR = 'system:serviceaccount:somewhere:any-name';
const COLLECTOR = 'system:serviceaccount:kube-system:generic-garbage-collector';
const OTHER_ID = '/subscriptions/s/resourceGroups/of-somebody-else';
const RIGHT = /write on operatorstate\.azure-temporal-operator\.io/;

const annotated = (manifest: Manifest, annotations: Record<string, string | null>): Manifest => ({
  ...manifest,
  metadata: { ...manifest.metadata, annotations },
});
const merge = 'application/merge-patch+json';

/** Each rule against users with every right on the resources themselves, and on their status. */
describe('what only the operator writes', () => {
  let cluster: PolicyCluster;
  let users: Record<'author' | 'tenant' | 'operator' | 'collector', KubeApi>;

  beforeAll(async () => {
    cluster = await startPolicyCluster();
    const { api } = cluster;
    const everything = {
      apiGroups: ['documentdb.azure.com', generic('x').apiVersion.split('/')[0]],
      resources: ['*'],
      verbs: ['*'],
    };
    const state = { apiGroups: ['azure-temporal-operator.io'], resources: ['operatorstate'], verbs: ['write'] };
    await role('author', [everything], AUTHOR);
    await role('operator', [everything, state], OPERATOR);
    await api.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'tenant', namespace: 'default' },
      ...binding('cluster-admin', TENANT),
    });
    users = {
      author: cluster.as(AUTHOR),
      tenant: cluster.as(TENANT),
      operator: cluster.as(OPERATOR),
      collector: cluster.as(COLLECTOR),
    };
  }, 120_000);
  afterAll(() => cluster.stop());

  async function role(name: string, rules: object[], user: string): Promise<void> {
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    await cluster.api.apply({ apiVersion, kind: 'ClusterRole', metadata: { name }, rules });
    await cluster.api.apply({ apiVersion, kind: 'ClusterRoleBinding', metadata: { name }, ...binding(name, user) });
  }

  function binding(name: string, user: string): object {
    return {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    };
  }

  interface Attack {
    readonly reason: string;
    readonly attack: (as: KubeApi, name: string, made: Manifest) => Promise<unknown>;
    readonly message: RegExp;
  }
  const patch = (as: KubeApi, made: Manifest, name: string, change: object): Promise<unknown> =>
    as.patch(keyOf(made, name), change);

  const ATTACKS: readonly Attack[] = [
    {
      reason: "resource-id is set at the creation: the operator would overwrite another's resource in Azure",
      attack: (as, name, made) =>
        as.apply(
          annotated({ ...made, metadata: { ...made.metadata, name: `${name}-new` } }, { [RESOURCE_ID]: OTHER_ID }),
        ),
      message: /resource-id is written by the operator only\. In a new resource leave it out/,
    },
    {
      reason: "resource-id is changed before a deletion: the operator would delete another's resource in Azure",
      attack: (as, name, made) => patch(as, made, name, { metadata: { annotations: { [RESOURCE_ID]: OTHER_ID } } }),
      message: /resource-id is written by the operator only/,
    },
    {
      reason: 'resource-id is removed: without it, azureName and owner are not locked',
      attack: (as, name, made) => patch(as, made, name, { metadata: { annotations: { [RESOURCE_ID]: null } } }),
      message: /In an existing resource leave it as it is/,
    },
    {
      reason: 'resource-id is changed together with the name that is locked',
      attack: (as, name, made) =>
        patch(as, made, name, { metadata: { annotations: { [RESOURCE_ID]: null } }, spec: { azureName: 'other' } }),
      message: /resource-id is written by the operator only|cannot be changed once/,
    },
    {
      reason: 'the spec is written through v1storage, where nothing checks it',
      attack: (as, name, made) => patch(as, stored(made), name, { spec: { noSuchField: { a: 1 } } }),
      message: /only the operator writes it\. Use an apiVersion of docs\/kinds\.md/,
    },
    {
      reason: 'a resource is created through v1storage',
      attack: (as, name, made) => as.apply({ ...stored(made), metadata: { ...made.metadata, name: `${name}-stored` } }),
      message: /v1storage is the version in which resources are stored/,
    },
    {
      reason: 'annotations are written through v1storage',
      attack: (as, name, made) => patch(as, stored(made), name, { metadata: { annotations: { a: 'b' } } }),
      message: /v1storage is the version in which resources are stored/,
    },
    {
      reason: 'the stored state says that Azure refused everything, which would unlock azureName',
      attack: (as, name, made) =>
        as.call('PATCH', statusPath(made, name), { status: { [STORED_STATE]: { refused: true } } }, merge),
      message: /status\.azureTemporalOperator is the operator's stored state.*reconcile-requested-at/,
    },
    {
      reason: 'the same through another version',
      attack: (as, name, made) => {
        const version = made.apiVersion.split('/')[1];
        return as.call(
          'PATCH',
          statusPath(made, name, version),
          { status: { [STORED_STATE]: { exported: [] } } },
          merge,
        );
      },
      message: /status\.azureTemporalOperator is the operator's stored state/,
    },
    {
      reason: 'the stored state is removed: the operator would forget which operation it started',
      attack: (as, name, made) => as.call('PATCH', statusPath(made, name), { status: null }, merge),
      message: /status\.azureTemporalOperator is the operator's stored state/,
    },
  ];
  const WHERE = [
    ['a kind', account],
    ['GenericResource, in its own group', generic],
  ] as const;

  for (const [where, make] of WHERE) {
    it.each(ATTACKS)(
      `${where}, refused to an author and to an administrator of the namespace: $reason`,
      async ({ attack, message }) => {
        const name = `attack-${String(ATTACKS.findIndex((row) => row.attack === attack))}`;
        await cluster.claim(name, ACCEPTED, make(name));
        for (const user of [users.author, users.tenant]) {
          const refusal = await attack(user, name, make(name)).then(() => 'nothing was refused', String);
          expect(refusal).toMatch(message);
        }
        const now = await cluster.api.get(keyOf(make(name), name));
        expect(now?.metadata.annotations?.[RESOURCE_ID]).toBe(CLAIMED[RESOURCE_ID]);
        expect(now?.status?.[STORED_STATE]).toEqual(ACCEPTED);
      },
      30_000,
    );
  }

  it.each(ATTACKS.filter(({ message }) => !message.source.includes('cannot be changed once')))(
    'possible for an identity with the right, whatever its name: $reason',
    async ({ attack }) => {
      const name = `operator-${String(ATTACKS.findIndex((row) => row.attack === attack))}`;
      await cluster.claim(name, ACCEPTED);
      await attack(users.operator, name, account(name));
    },
    30_000,
  );

  it('each refusal names the right that an administrator can give', async () => {
    await cluster.claim('message', ACCEPTED);
    for (const { attack, message } of ATTACKS) {
      if (message.source.includes('cannot be changed once')) continue;
      expect(await attack(users.author, 'message', account('message')).then(() => '', String)).toMatch(RIGHT);
    }
  }, 30_000);

  it('an author may do everything else: create, edit, label, annotate, remove a finalizer, delete, and read v1storage', async () => {
    const { author } = users;
    const made = account('usual');
    await author.apply(annotated(made, { [ANNOTATIONS.reconcilePolicy.name]: 'skip' }));
    await cluster.claim('usual', ACCEPTED, annotated(made, { [ANNOTATIONS.reconcilePolicy.name]: 'skip' }));
    await author.apply({ ...made, metadata: { ...made.metadata, labels: { a: 'b' } } });
    await patch(author, made, 'usual', { spec: { tags: { a: '1' } }, metadata: { finalizers: ['example.com/mine'] } });
    await patch(author, made, 'usual', { metadata: { finalizers: null } });
    const read = await author.get(keyOf(stored(made), 'usual'));
    // As `kubectl replace` does with what `kubectl get` has printed.
    const path = `/apis/${made.apiVersion}/namespaces/default/databaseaccounts/usual`;
    await author.call('PUT', path, { ...read, apiVersion: made.apiVersion });
    expect(await author.delete(keyOf(made, 'usual'))).toBe(true);
  }, 30_000);

  it('an author with the right on status may write a condition, as long as the stored state stays', async () => {
    await cluster.claim('condition', ACCEPTED);
    const made = account('condition');
    await users.author.call('PATCH', statusPath(made, 'condition'), { status: { note: 'mine' } }, merge);
    expect((await cluster.api.get(keyOf(made, 'condition')))?.status?.[STORED_STATE]).toEqual(ACCEPTED);
  }, 30_000);

  it('a status in a new resource is dropped by the API server, the stored state with it', async () => {
    const made = { ...account('with-status'), status: { [STORED_STATE]: ACCEPTED } };
    await users.author.call(
      'POST',
      '/apis/documentdb.azure.com/v1api20210515/namespaces/default/databaseaccounts',
      made,
    );
    expect((await cluster.api.get(keyOf(made, 'with-status')))?.status?.[STORED_STATE]).toBeUndefined();
  }, 30_000);

  it('the garbage collector may do its work at the version of the owner references, and nothing else there', async () => {
    await cluster.claim('collected', ACCEPTED);
    const made = stored(account('collected'));
    await patch(users.collector, made, 'collected', { metadata: { finalizers: ['foregroundDeletion'] } });
    await patch(users.collector, made, 'collected', { metadata: { finalizers: null, ownerReferences: null } });
    const refusal = await patch(users.collector, made, 'collected', { spec: { location: 'x' } }).then(() => '', String);
    expect(refusal).toMatch(/v1storage is the version in which/);
  }, 30_000);
});

describe('the annotations of the operator', () => {
  it('are those that the policy protects', async () => {
    const { policiesOf } = await import('../../../kinds/generate/admission-policy.ts');
    const text = JSON.stringify(policiesOf(['a.azure.com']));
    for (const annotation of Object.values(ANNOTATIONS)) {
      const isProtected = text.includes(`${annotation.name} is written by the operator only`);
      expect([annotation.name, isProtected]).toEqual([annotation.name, 'writer' in annotation]);
    }
  });
});
