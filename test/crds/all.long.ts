import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { installCrds } from '../../cli/install-crds.ts';
import { ensureBinaries } from '../../dev/binaries.ts';
import { startControlPlane } from '../../dev/control-plane.ts';
import { Processes } from '../../dev/processes.ts';
import { STORAGE_VERSION } from '../../kinds/contract.ts';
import { loadKinds } from '../../kinds/load.ts';
import { createKubeClient } from '../../kube/client.ts';
import type { KubeClient } from '../../kube/contract.ts';
import { objectPath } from '../../kube/object-path.ts';

/** `npm run test:crds`: an API server of its own, for it needs gigabytes. */
describe('an API server with the CRDs of all kinds', () => {
  const processes = new Processes();
  let directory: string;
  let client: KubeClient;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'operator-crds-'));
    const { kubeconfig } = await startControlPlane(processes, {
      binaries: await ensureBinaries(console.log),
      directory: join(directory, 'control-plane'),
      logDirectory: join(directory, 'logs'),
      kubeconfig: join(directory, 'kubeconfig'),
    });
    client = await createKubeClient({ kubeconfig });
  }, 120_000);
  afterAll(async () => {
    await client.close();
    await processes.stop(0);
    await rm(directory, { recursive: true, force: true });
  });

  it('establishes them and serves each version of each', async () => {
    const names = await installCrds(client);
    const kinds = loadKinds().all();
    expect(names.sort()).toEqual(kinds.map(({ plural, group }) => `${plural}.${group}`).sort());
    for (const { group, plural, served } of kinds) {
      for (const version of [...Object.values(served).flat(), STORAGE_VERSION]) {
        const { body } = await client.request('GET', objectPath({ group, version, plural }));
        expect(body).toMatchObject({ apiVersion: `${group}/${version}`, items: [] });
      }
    }
  }, 900_000);
});
