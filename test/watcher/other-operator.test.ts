import { expect, it } from '@jest/globals';
import { loadKinds } from '../../kinds/load.ts';
import { ANNOTATIONS } from '../../kube/annotations.ts';
import type { KubeObject } from '../../kube/contract.ts';
import { WatcherState } from '../../watcher/state.ts';

const kinds = loadKinds();
const kind = kinds.find({ group: 'resources.azure.com', kind: 'ResourceGroup' })!;
const KEY = 'ResourceGroup.resources.azure.com/n/rg';

function groupOf(operator: string, generation = 1): KubeObject {
  const annotations = { [ANNOTATIONS.operatorNamespace.name]: operator };
  const metadata = { name: 'rg', namespace: 'n', uid: 'u', resourceVersion: '1', generation, annotations };
  return { apiVersion: `${kind.group}/v1storage`, kind: kind.kind, metadata, spec: {} };
}

it('a resource of another operator is not signalled, not at a resync either, until it is handed over', () => {
  const state = new WatcherState(kinds, () => undefined, undefined, { operatorNamespace: 'ours' });
  state.upsertResource(kind, groupOf('theirs'));
  expect(state.pendingSignal(KEY)).toBeUndefined();
  state.upsertResource(kind, groupOf('theirs', 2));
  state.setDue(KEY);
  expect(state.pendingSignal(KEY)).toBeUndefined();
  state.upsertResource(kind, groupOf('ours', 2));
  expect(state.pendingSignal(KEY)).toMatchObject({ type: 'changed' });
});
