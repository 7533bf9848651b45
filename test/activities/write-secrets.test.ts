import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportContext, type ExportedValue } from '../../activities/exports/exported-value.ts';
import type { Target } from '../../contract/steps.ts';
import { resourceGroup, secret, secretKey, secretValues } from '../cluster/scene.ts';
import { failureOfStep, openStepScene, type StepScene } from './step-scene.ts';

const VALUE = 'Write-1-Canary';

describe('writeSecrets', () => {
  let scene: StepScene;
  beforeAll(async () => {
    scene = await openStepScene('step-secrets');
  }, 60_000);
  afterAll(() => scene.close());

  const write = (target: Target, ...values: Omit<ExportedValue, 'field'>[]) => {
    const sealed = scene.deps.seal.encrypt(values, exportContext(target));
    return scene.steps.writeSecrets({ target, sealed, order: scene.order() });
  };
  const to = (name: string, key: string) => ({ target: 'Secret', name, key, value: VALUE }) as const;
  const claimed = (name: string) => scene.claim(resourceGroup(scene.namespace, name));
  const versionOf = async (name: string) =>
    (await scene.env.kube.get(secretKey(scene.namespace, name)))?.metadata.resourceVersion;

  it('writes all keys of one object, owned by the resource, and names what it wrote; a second time nothing changes', async () => {
    const target = await claimed('writer');
    const values = [to('written', 'a'), to('written', 'b'), { ...to('map', 'c'), target: 'ConfigMap' as const }];
    const result = await write(target, ...values);
    const exported = [
      { kind: 'Secret', name: 'written' },
      { kind: 'ConfigMap', name: 'map' },
    ];
    expect(result).toEqual({ exported });
    expect(await secretValues(scene, 'written')).toEqual({ a: VALUE, b: VALUE });
    const object = await scene.env.kube.get(secretKey(scene.namespace, 'written'));
    expect(object?.metadata.ownerReferences).toMatchObject([{ uid: target.uid }]);
    const before = await versionOf('written');
    expect(await write(target, ...values)).toEqual(result);
    expect(await versionOf('written')).toBe(before);
  });

  it('leaves an object of somebody else alone, writes the others all the same, and names no value', async () => {
    await scene.env.apply(secret(scene.namespace, 'theirs', { mine: 'hands off' }));
    const before = await versionOf('theirs');
    const target = await claimed('polite');
    const failure = await failureOfStep(write(target, to('theirs', 'a'), to('ours', 'a')));
    expect(failure).toMatchObject({ type: 'FailedWritingAdditionalKubernetesObjects' });
    expect(failure.message).toContain('theirs');
    expect(await versionOf('theirs')).toBe(before);
    expect(await secretValues(scene, 'ours')).toEqual({ a: VALUE });
    expect(JSON.stringify([failure, failure.message, await scene.read(target.ref)])).not.toContain(VALUE);
  });

  it('empties what the spec no longer asks for', async () => {
    const target = await claimed('shrinks');
    const { exported } = await write(target, to('dropped', 'a'));
    const ready = { status: {}, fingerprint: null, applied: null, exported: [...exported] };
    await scene.steps.patchReady({ target, ...ready, order: scene.order() });
    expect(await write(target)).toEqual({ exported: [] });
    expect(await secretValues(scene, 'dropped')).toEqual({});
  });

  it('writes no Secret under the name of the operator’s own keys, even where there is none', async () => {
    const target = await claimed('usurper');
    const failure = await failureOfStep(write(target, to('azure-temporal-operator-seal', 'key')));
    expect(failure).toMatchObject({ type: 'SecretReserved' });
    expect(failure.message).toContain('choose another name');
    expect(await secretValues(scene, 'azure-temporal-operator-seal')).toBeUndefined();
  });

  it('writes nothing for a resource that was replaced', async () => {
    const target = await claimed('replaced');
    const failure = await failureOfStep(write({ ...target, uid: 'another' }, to('never', 'a')));
    expect(failure).toMatchObject({ type: 'Superseded' });
    expect(await secretValues(scene, 'never')).toBeUndefined();
  });
});
