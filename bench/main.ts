/**
 * `npm run bench` starts everything, measures, and prints a table. `-- --crds` only measures what the CRDs cost an API
 * server, `-- --bulk` only hundreds of resources at once, `-- --admission` only what the admission policy costs. The
 * figures hold for this machine, with nothing else running.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  DEV_CREDENTIAL,
  operatorEnvironment,
  prepareCluster,
  startSimulator,
  startWatcher,
  startWorker,
} from '../dev/start-operator.ts';
import { startStack } from '../dev/start-stack.ts';
import { measureAdmission } from './admission-cost.ts';
import { measureBulk } from './bulk.ts';
import {
  measureChain,
  measureCosmosEnd,
  measureResourceGroups,
  measureRetryAfter,
  type Bench,
  type Row,
} from './measurements.ts';
import { measureCrds, residentMegabytes } from './crd-footprint.ts';
import { SimulatorControl } from './simulator-control.ts';

const { values } = parseArgs({
  options: {
    admission: { type: 'boolean', default: false },
    crds: { type: 'boolean', default: false },
    bulk: { type: 'boolean', default: false },
  },
});
const directory = await mkdtemp(join(tmpdir(), 'operator-bench-'));
const rows: Row[] = [];
const add = (measured: readonly Row[]): void => {
  rows.push(...measured);
  for (const { what, value } of measured) console.log(`${what}: ${value}`);
};
try {
  if (!values.crds && !values.admission) await measureOperator();
  if (!values.crds && !values.bulk) {
    await measureAdmission(join(directory, 'admission'), (row) => {
      add([row]);
    });
  }
  if (!values.bulk && !values.admission) {
    await measureCrds(directory, (row) => {
      add([row]);
    });
  }
  console.log(`\n${String(availableParallelism())} cores, Node ${process.version}, ${new Date().toISOString()}\n`);
  console.log('| what | measured | target |\n|---|---|---|');
  for (const { what, value, target } of rows) console.log(`| ${what} | ${value} | ${target} |`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
process.exit();

async function measureOperator(): Promise<void> {
  const stack = await startStack({ directory: join(directory, 'stack'), ui: false, log: console.log });
  try {
    const { processes, logDirectory } = stack;
    const [simulator] = await Promise.all([
      startSimulator(processes, { directory: join(directory, 'simulator'), logDirectory, timeScale: 0 }),
      prepareCluster(stack),
    ]);
    const environment = operatorEnvironment(stack, simulator);
    const worker = startWorker(processes, { environment, logDirectory });
    const watcher = startWatcher(processes, { environment, logDirectory });
    const control = new SimulatorControl(simulator, DEV_CREDENTIAL.AZURE_SUBSCRIPTION_ID);
    const bench: Bench = { stack, control };
    await control.configure({ synchronous: true });
    // Do not measure the first resource: its time includes the start of worker and watcher.
    await measureResourceGroups(bench, 1, 'bench-first');
    if (!values.bulk) await measureOne(bench, { worker: worker.pid, watcher: watcher.pid });
    add(
      await measureBulk(
        bench,
        new Map([
          ['worker', worker.pid],
          ['watcher', watcher.pid],
          ['Temporal', stack.temporal.pid()],
          ['kube-apiserver', stack.controlPlane.pid('kube-apiserver')],
          ['etcd', stack.controlPlane.pid('etcd')],
          ['kube-controller-manager', stack.controlPlane.pid('kube-controller-manager')],
          ['simulator', simulator.process.pid],
        ]),
      ),
    );
  } finally {
    await stack.stop();
  }
}

/** Measures single resources on an otherwise idle operator, and the memory of worker and watcher when idle. */
async function measureOne(bench: Bench, pids: { worker: number; watcher: number }): Promise<void> {
  add(await measureResourceGroups(bench, 30));
  add(await measureChain(bench, 5));
  await sleep(10_000);
  add([
    {
      what: 'worker, resident memory, idle',
      value: `${String(residentMegabytes(pids.worker))} MB`,
      target: '≤ 200 MB',
    },
  ]);
  add([
    {
      what: 'watcher, resident memory, idle',
      value: `${String(residentMegabytes(pids.watcher))} MB`,
      target: '≤ 120 MB',
    },
  ]);
  add(await measureCosmosEnd(bench, 3));
  add(await measureRetryAfter(bench));
}
