import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { installCrds } from '../../cli/install-crds.ts';
import { ensureBinaries } from '../../dev/binaries.ts';
import { startControlPlane } from '../../dev/control-plane.ts';
import { Processes } from '../../dev/processes.ts';
import { STORAGE_VERSION } from '../../kinds/contract.ts';
import { newestApiVersion } from '../../kinds/facts/version-names.ts';
import { loadKinds, loadKindsWithParts } from '../../kinds/load.ts';
import { createKubeClient } from '../../kube/client.ts';
import type { JsonObject, KubeClient } from '../../kube/contract.ts';
import { objectPath } from '../../kube/object-path.ts';
import { differingCrds, kubectl, storedCrds } from './kubectl-crds.ts';
import { preferredVersions } from './preferred-versions.ts';
import { writeThroughVersions, type Outcome } from './writes-through-versions.ts';

const CRDS = join(import.meta.dirname, '../../crds');
/** Kinds that are written at the same time. */
const CONCURRENCY = 4;

/** `npm run test:crds`: an API server of its own, for it needs gigabytes. The tests build on each other. */
describe('an API server with the CRDs of all kinds', () => {
  const processes = new Processes();
  const kinds = loadKindsWithParts();
  const names = loadKinds()
    .all()
    .map(({ plural, group }) => `${plural}.${group}`)
    .sort();
  let directory: string;
  let tool: { program: string; kubeconfig: string };
  let client: KubeClient;
  let created: Map<string, JsonObject>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'operator-crds-'));
    const binaries = await ensureBinaries(console.log);
    const { kubeconfig } = await startControlPlane(processes, {
      binaries,
      directory: join(directory, 'control-plane'),
      logDirectory: join(directory, 'logs'),
      kubeconfig: join(directory, 'kubeconfig'),
    });
    tool = { program: binaries.kubectl, kubeconfig };
    client = await createKubeClient({ kubeconfig });
  }, 120_000);
  afterAll(async () => {
    await client.close();
    await processes.stop(0);
    await rm(directory, { recursive: true, force: true });
  });

  it('are created by kubectl create -f crds/', async () => {
    await kubectl(tool, ['create', '-f', CRDS]);
    await kubectl(tool, ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=10m']);
    created = await storedCrds(client, names);
  }, 900_000);

  it('are the same when npm run crds installs them', async () => {
    expect((await installCrds(client)).sort()).toEqual(names);
    expect(differingCrds(created, await storedCrds(client, names))).toEqual([]);
  }, 900_000);

  it('are the same after kubectl apply --server-side -f crds/', async () => {
    await kubectl(tool, ['apply', '--server-side', '--force-conflicts', '-f', CRDS]);
    expect(differingCrds(created, await storedCrds(client, names))).toEqual([]);
  }, 1_800_000);

  it('serve each version of each kind', async () => {
    for (const { group, plural, served } of loadKinds().all()) {
      for (const version of [...Object.values(served).flat(), STORAGE_VERSION]) {
        const { body } = await client.request('GET', objectPath({ group, version, plural }));
        expect(body).toMatchObject({ apiVersion: `${group}/${version}`, items: [] });
      }
    }
  }, 900_000);

  it('prefer the newest stable api-version of each kind, in the discovery of the API server', async () => {
    const preferred = await preferredVersions(client);
    const wrong = kinds.all().flatMap((kind) => {
      const version = preferred.get(`${kind.kind}.${kind.group}`) ?? 'none';
      const isGood = kinds.apiVersionOf(kind, version) === newestApiVersion(kind.apiVersions) && !/beta/.test(version);
      return isGood ? [] : [`${kind.kind}.${kind.group}: ${version}`];
    });
    expect(wrong).toEqual([]);
  });

  it('keep the whole spec through every pair of versions', async () => {
    const queue = [...kinds.all()];
    const outcomes: Outcome[] = [];
    const work = async (): Promise<void> => {
      for (let kind = queue.shift(); kind; kind = queue.shift())
        outcomes.push(await writeThroughVersions(client, { kinds, kind, namespace: 'default' }));
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    const count = (of: (outcome: Outcome) => number): number => outcomes.reduce((sum, one) => sum + of(one), 0);
    console.log(`${String(count((one) => one.writes))} writes, ${String(count((one) => one.refusedEdits))} refused edits`);
    expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
    expect(outcomes).toHaveLength(kinds.all().length);
    expect(count((one) => one.writes)).toBeGreaterThan(5_000);
  }, 1_800_000);
});
