import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { evaluate } from '@marcbachmann/cel-js';
import { parse } from 'yaml';
import type { LiveObject } from '../../dev/kube-api.ts';
import { keyOf } from '../support/environment.ts';
import { databaseAccount, openScene, readyGroup, resourceGroup, type Scene } from './scene.ts';

/** What Flux makes of a resource by its `healthCheckExprs`, in their order. */
type Health = 'inProgress' | 'failed' | 'current' | 'unknown';

const GUIDE = readFileSync(new URL('../../docs/gitops.md', import.meta.url), 'utf8');

describe('what Flux and other users of kstatus read from a resource', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene('kstatus');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  const account = (edited?: string) => {
    const tags = edited === undefined ? {} : { edited };
    return databaseAccount(scene.namespace, `kstatus-${scene.namespace}`, { tags });
  };
  const live = async (): Promise<LiveObject> => (await scene.env.kube.get(keyOf(account())))!;

  it('follows a resource through its life', async () => {
    const { env } = scene;
    const key = keyOf(account());
    await scene.hold();
    const created = await env.apply(account());
    expect([kstatus(created), health(created)]).toEqual(['InProgress', 'inProgress']);

    await env.waitForCondition(key, { status: 'False', severity: 'Info', reason: 'Reconciling' });
    expect([kstatus(await live()), health(await live())]).toEqual(['InProgress', 'inProgress']);

    await scene.release();
    const ready = await env.waitForReady(key);
    expect(ready.status?.['observedGeneration']).toBe(1);
    expect([kstatus(ready), health(ready)]).toEqual(['Current', 'current']);

    const edited = await env.apply(account('once'));
    expect(edited.status?.conditions).toEqual([expect.objectContaining({ status: 'True' })]);
    expect([kstatus(edited), health(edited)]).toEqual(['InProgress', 'inProgress']);
    expect(kstatus(await env.waitForReady(key))).toBe('Current');

    const code = 'InvalidRequestContent';
    await scene.fault({ method: 'PUT', path: 'kstatus-', status: 400, code, message: 'No.' });
    await env.apply(account('twice'));
    const failed = await env.waitForCondition(key, { status: 'False', severity: 'Error' });
    expect(failed.status?.['observedGeneration']).toBe(3);
    // kstatus knows failure only by a condition of its own, Stalled: without the guide's expressions Flux waits.
    expect([kstatus(failed), health(failed)]).toEqual(['InProgress', 'failed']);

    await scene.hold();
    await env.kube.delete(key);
    expect(kstatus(await live())).toBe('Terminating');
    await scene.release();
    await env.waitForGone(key);
  }, 120_000);

  it('a resource that waits is in progress', async () => {
    const { env, namespace } = scene;
    const manifest = databaseAccount(namespace, 'waits', { owner: { name: 'nobody' } });
    await env.apply(manifest);
    const waiting = await env.waitForCondition(keyOf(manifest), { reason: 'WaitingForOwner' });
    expect([kstatus(waiting), health(waiting)]).toEqual(['InProgress', 'inProgress']);
    await env.kube.delete(keyOf(manifest));
    await env.waitForGone(keyOf(manifest));
  }, 60_000);

  it('a resource group is current', async () => {
    const group = await scene.env.waitForReady(keyOf(resourceGroup(scene.namespace)));
    expect([kstatus(group), health(group)]).toEqual(['Current', 'current']);
  });

  /** `healthCheckExprs` of the guide's Kustomization. */
  function health(object: LiveObject): Health {
    const [, yaml = ''] = /```yaml\n(# flux[\s\S]*?)```/.exec(GUIDE) ?? [];
    const { spec } = parse(yaml) as { spec: { healthCheckExprs: Record<Health, string>[] } };
    const [rules] = spec.healthCheckExprs;
    const variables = { metadata: object.metadata, status: object.status, data: {} };
    const found = (['inProgress', 'failed', 'current'] as const).find(
      (name) => evaluate(rules![name], JSON.parse(JSON.stringify(variables), asCel)) === true,
    );
    return found ?? 'unknown';
  }
});

/** CEL knows integers apart from floating-point numbers. */
function asCel(_key: string, value: unknown): unknown {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

/** `Compute` of sigs.k8s.io/cli-utils/pkg/kstatus/status, for a custom resource. */
function kstatus({ metadata, status }: LiveObject): 'Terminating' | 'InProgress' | 'Failed' | 'Current' {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  const observed = status?.['observedGeneration'];
  if (observed !== undefined && observed !== metadata.generation) return 'InProgress';
  const isTrue = (type: string) => status?.conditions?.some((one) => one.type === type && one.status === 'True');
  if (isTrue('Reconciling')) return 'InProgress';
  if (isTrue('Stalled')) return 'Failed';
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
}
