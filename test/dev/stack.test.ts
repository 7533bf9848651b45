import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KubeApi } from '../../dev/kube-api.ts';
import { startStack } from '../../dev/start-stack.ts';
import type { Stack } from '../../dev/start-stack.ts';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.ts';
import { waitFor } from '../support/environment.ts';

const MINUTE = 60_000;

describe('the embedded stack', () => {
  let directory: string;
  let stack: Stack;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'stack-test-'));
    stack = await startStack({ directory, ui: false });
  }, MINUTE);
  afterAll(async () => {
    await stack?.stop();
    await rm(directory, { recursive: true, force: true });
  }, MINUTE);

  it(
    'has the search attributes that the workflows write, before and after Temporal was killed',
    async () => {
      const attributes = async (): Promise<string[]> => {
        const connection = await Connection.connect({ address: stack.temporalAddress });
        try {
          const answer = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
          return Object.keys(answer.customAttributes ?? {});
        } finally {
          await connection.close();
        }
      };
      const names = SEARCH_ATTRIBUTES.map(({ name }) => name);
      expect(await attributes()).toEqual(expect.arrayContaining(names));
      await stack.restartTemporal();
      expect(await attributes()).toEqual(expect.arrayContaining(names));
    },
    MINUTE,
  );

  it(
    'keeps objects over a killed API server, and collects what belonged to a deleted one',
    async () => {
      const kube = new KubeApi(stack.kubeconfig);
      try {
        const owner = await kube.apply({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'owner', namespace: 'default' },
        });
        const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }];
        const secret = {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'owned', namespace: 'default', ownerReferences },
        };
        await kube.apply(secret);
        await stack.controlPlane.restart('kube-apiserver');
        const key = { apiVersion: 'v1', kind: 'Secret', name: 'owned', namespace: 'default' };
        expect(await kube.get(key)).toBeDefined();
        await kube.delete({ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', namespace: 'default' });
        await waitFor(async () => (await kube.get(key)) === undefined, 30_000);
      } finally {
        kube.close();
      }
    },
    MINUTE,
  );

  it('refuses a second stack in the directory of a running one', async () => {
    // A process of ours always runs: the parent of this one.
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(directory, 'pid'), String(process.ppid));
    await expect(startStack({ directory, ui: false })).rejects.toThrow(/already runs a stack/);
  });
});
