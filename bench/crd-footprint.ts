import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { installCrds } from '../cli/install-crds.ts';
import { ensureBinaries } from '../dev/binaries.ts';
import { startControlPlane } from '../dev/control-plane.ts';
import { Processes } from '../dev/processes.ts';
import { STORAGE_VERSION } from '../kinds/contract.ts';
import { loadKinds } from '../kinds/load.ts';
import { createKubeClient } from '../kube/client.ts';
import { objectPath } from '../kube/object-path.ts';
import type { Row } from './measurements.ts';

/** ASO's CRDs take 860 MB for 38 kinds, 4.7 GB for all, installed in 68 s (issue 4). */
const TARGETS = {
  38: { memory: '≤ 172 MB, a fifth of ASO', seconds: '' },
  all: { memory: '≤ 940 MB, a fifth of ASO', seconds: '≤ 68 s, ASO' },
} as const;

/** 38 kinds that users start with: databases, Cosmos, storage, and a resource group for them. */
const THIRTY_EIGHT =
  'resources.azure.com/*;dbformysql.azure.com/*;documentdb.azure.com/*;storage.azure.com/*;managedidentity.azure.com/*;keyvault.azure.com/*';

/** The time in which the API server collects garbage and builds its OpenAPI documents. */
const SETTLE_MS = 15_000;

/**
 * Measures what the CRDs cost a dedicated API server, with no CRDs, 38 kinds and all kinds: after the installation, and
 * after every kind was listed as the watcher does.
 */
export async function measureCrds(directory: string, report: (row: Row) => void): Promise<void> {
  await measureSelection(directory, { kinds: '', newest: false }, report);
  for (const newest of [false, true]) {
    for (const kinds of [THIRTY_EIGHT, '*']) await measureSelection(directory, { kinds, newest }, report);
  }
}

async function measureSelection(
  directory: string,
  selection: { readonly kinds: string; readonly newest: boolean },
  report: (row: Row) => void,
): Promise<void> {
  const own = join(directory, `crds-${String(selection.kinds.length)}-${String(selection.newest)}`);
  await mkdir(own, { recursive: true });
  const processes = new Processes();
  try {
    const kubeconfig = join(own, 'kubeconfig');
    const controlPlane = await startControlPlane(processes, {
      binaries: await ensureBinaries(console.log),
      directory: join(own, 'control-plane'),
      logDirectory: join(own, 'logs'),
      kubeconfig,
    });
    const resident = (): number => residentMegabytes(controlPlane.pid('kube-apiserver'));
    await sleep(SETTLE_MS);
    const before = resident();
    if (selection.kinds === '') {
      report({ what: 'API server, resident memory, no CRDs', value: `${String(before)} MB`, target: '' });
      return;
    }
    const client = await createKubeClient({ kubeconfig });
    try {
      const startedAt = Date.now();
      const names = new Set(await installCrds(client, selection));
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
      await sleep(SETTLE_MS);
      const what = `${String(names.size)} kinds${selection.newest ? ', newest api-versions only' : ''}`;
      const target = selection.kinds === '*' ? TARGETS.all : TARGETS[38];
      const added = (): string => `+${String(resident() - before)} MB`;
      report({ what: `${what}, installed until established`, value: `${seconds} s`, target: target.seconds });
      report({ what: `${what}, added to the API server`, value: added(), target: target.memory });
      for (const { plural, group } of loadKinds().all()) {
        if (!names.has(`${plural}.${group}`)) continue;
        await client.request('GET', `${objectPath({ group, version: STORAGE_VERSION, plural })}?limit=1`);
      }
      await sleep(SETTLE_MS);
      report({ what: `${what}, added when each has been listed`, value: added(), target: target.memory });
    } finally {
      await client.close();
    }
  } finally {
    await processes.stop(0);
  }
}

/** The resident memory (VmRSS) of a process in MB. */
export function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
}
