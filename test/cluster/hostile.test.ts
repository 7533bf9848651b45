import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../dev/kube-api.ts';
import type { JsonObject } from '../../kinds/contract.ts';
import { keyOf, readyOf, waitFor } from '../support/environment.ts';
import { HOSTILE } from '../support/hostile-expressions.ts';
import { openScene, readyGroup, resourceGroup, type Scene } from './scene.ts';

/** How long a resource takes on the test stack when nothing else happens: about 1 s. On a busy machine some more. */
const USUAL_MS = 10_000;

const SETTLED: readonly string[] = ['InvalidSpec', 'ExpressionLimitExceeded', 'Failed', 'Succeeded'];

describe('hostile resources', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene('hostile');
    await readyGroup(scene);
  }, 60_000);
  afterAll(() => scene.close());

  function generic(name: string, spec: JsonObject): Manifest {
    return {
      apiVersion: 'generic.azure-temporal-operator.io/v1',
      kind: 'GenericResource',
      metadata: { name, namespace: scene.namespace },
      spec: {
        type: 'Microsoft.Maps/accounts',
        apiVersion: '2023-06-01',
        owner: { group: 'resources.azure.com', kind: 'ResourceGroup', name: 'rg' },
        body: { location: 'westus2', kind: 'Gen2', sku: { name: 'G2' } },
        ...spec,
      },
    };
  }

  it('with an index that would fill gigabytes are told so, and the worker goes on', async () => {
    const resource = generic('index', { secrets: [{ path: 'x[60000000]', secretRef: { name: 'in', key: 'k' } }] });
    await scene.env.apply(resource);
    const { status } = await scene.env.waitForCondition(keyOf(resource), { reason: 'InvalidSpec' });
    expect(JSON.stringify(status)).toMatch(/spec\.secrets\[0\]\.path: .* at most 1000/);
    expect(await msUntilReady('after-index')).toBeLessThan(USUAL_MS);
  });

  it('have a measured event loop', async () => {
    const address = scene.env.stack.metricsAddress;
    const lag = await waitFor(async () => {
      const text = await (await fetch(`http://${address}/metrics`)).text();
      return /^azure_temporal_operator_event_loop_lag_max_seconds\S* (\S+)$/m.exec(text)?.[1];
    }, 30_000);
    expect(Number(lag)).toBeLessThan(2);
  }, 40_000);

  async function msUntilReady(name: string): Promise<number> {
    const other = resourceGroup(scene.namespace, name);
    const startedAt = performance.now();
    await scene.env.apply(other);
    await scene.env.waitForReady(keyOf(other));
    return performance.now() - startedAt;
  }

  it('do not delay another resource, and each says what is wrong with it', async () => {
    const usual = await msUntilReady('calm');
    const resources = HOSTILE.map(([, expression], index) =>
      generic(`hostile-${index}`, {
        operatorSpec: { configMapExpressions: [{ name: `out-${index}`, key: 'k', value: expression }] },
      }),
    );
    await Promise.all(resources.map((resource) => scene.env.apply(resource)));
    for (const name of ['during-1', 'during-2', 'during-3'])
      expect(await msUntilReady(name)).toBeLessThan(Math.max(USUAL_MS, usual * 3));
    for (const resource of resources) {
      const { reason, message } = await waitFor(async () => {
        const object = await scene.env.kube.get(keyOf(resource));
        const condition = object && readyOf(object);
        return condition !== undefined && SETTLED.includes(condition.reason) && condition;
      }, 60_000);
      if (reason === 'Succeeded') continue;
      expect(message).toMatch(/operatorSpec\.configMapExpressions\[0\]/);
      expect(message).not.toMatch(/unexpected|unknown line of code/);
    }
  }, 120_000);
});
