import { describe, expect, it } from '@jest/globals';
import { loadKinds } from '../../kinds/load.ts';
import type { Kind } from '../../kinds/contract.ts';
import type { KubeObject } from '../../kube/contract.ts';
import { createRegistry } from '../../process/metrics.ts';
import { watcherMetrics } from '../../watcher/metrics.ts';
import { WatcherState } from '../../watcher/state.ts';

const kinds = loadKinds();
const GROUP = kinds.find({ group: 'resources.azure.com', kind: 'ResourceGroup' }) as Kind;

const group = (name: string, fields: { status?: object; meta?: object } = {}): KubeObject =>
  ({
    apiVersion: 'resources.azure.com/v1storage',
    kind: 'ResourceGroup',
    metadata: { name, namespace: 'n', uid: name, resourceVersion: '1', generation: 1, ...fields.meta },
    spec: {},
    status: fields.status ?? {},
  }) as KubeObject;
const status = (fields: object) => ({ status: { conditions: [{ type: 'Ready', ...fields }] } });

describe('the metrics of the watcher', () => {
  it('count the resources of the leader by kind, state and reason, without those of another operator', async () => {
    const state = new WatcherState(
      kinds,
      () => undefined,
      () => undefined,
      { operatorNamespace: 'mine' },
    );
    let leads = true;
    const registry = createRegistry();
    watcherMetrics(registry, {
      leads: () => leads,
      state: () => state,
      queue: () => ({ length: 0, oldestMs: 0 }),
    });
    for (const name of ['one', 'two'])
      state.upsertResource(GROUP, group(name, status({ status: 'True', reason: 'Succeeded' })));
    state.upsertResource(GROUP, group('new'));
    const foreign = { annotations: { 'serviceoperator.azure.com/operator-namespace': 'theirs' } };
    state.upsertResource(GROUP, group('foreign', { meta: foreign }));
    const lines = async (): Promise<string[]> =>
      (await registry.metrics()).split('\n').filter((line) => line.startsWith('azure_temporal_operator_resources{'));
    const kind = 'group="resources.azure.com",kind="ResourceGroup"';
    expect(await lines()).toEqual([
      `azure_temporal_operator_resources{${kind},state="Ready",reason="Succeeded"} 2`,
      `azure_temporal_operator_resources{${kind},state="Reconciling",reason="none"} 1`,
    ]);
    state.removeResource({ group: GROUP.group, kind: GROUP.kind, namespace: 'n', name: 'new' }, 'new');
    state.upsertResource(GROUP, group('two', status({ status: 'False', severity: 'Error', reason: 'InvalidSpec' })));
    expect(await lines()).toEqual([
      `azure_temporal_operator_resources{${kind},state="Ready",reason="Succeeded"} 1`,
      `azure_temporal_operator_resources{${kind},state="Failed",reason="InvalidSpec"} 1`,
    ]);
    leads = false;
    expect(await lines()).toEqual([]);
  });

  it('do not tell the namespaces of AZURE_TARGET_NAMESPACES apart', async () => {
    const registry = createRegistry();
    const { fault, corrected } = watcherMetrics(registry, {
      leads: () => false,
      state: () => new WatcherState(kinds, () => undefined),
      queue: () => ({ length: 0, oldestMs: 0 }),
    });
    for (const namespace of ['a', 'b']) {
      fault(`secrets in ${namespace}`, 'list');
      corrected(`secrets in ${namespace}`, 2);
    }
    const text = await registry.metrics();
    expect(text).toContain('reflector_faults_total{collection="secrets",phase="list"} 2\n');
    expect(text).toContain('reflector_corrections_total{collection="secrets"} 4\n');
  });
});
