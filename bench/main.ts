/** `npm run bench`: starts everything, measures, prints a table. Figures are for this machine, now, with nothing else running. */
import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DEV_CREDENTIAL,
  operatorEnvironment,
  prepareCluster,
  startSimulator,
  startWatcher,
  startWorker,
} from '../dev/start-operator.ts';
import { startStack } from '../dev/start-stack.ts';
import {
  measureChain,
  measureCosmosEnd,
  measureResourceGroups,
  measureRetryAfter,
  type Bench,
  type Row,
} from './measurements.ts';
import { SimulatorControl } from './simulator-control.ts';

const directory = await mkdtemp(join(tmpdir(), 'operator-bench-'));
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
  const rows: Row[] = [];
  const add = (measured: readonly Row[]): void => {
    rows.push(...measured);
    for (const { what, value } of measured) console.log(`${what}: ${value}`);
  };
  await control.configure({ synchronous: true });
  add(await measureResourceGroups(bench, 30));
  add(await measureChain(bench, 5));
  await sleep(10_000);
  add([{ what: 'worker, resident memory, idle', value: residentMegabytes(worker.pid), target: '≤ 200 MB' }]);
  add([{ what: 'watcher, resident memory, idle', value: residentMegabytes(watcher.pid), target: '≤ 120 MB' }]);
  add(await measureCosmosEnd(bench, 3));
  add(await measureRetryAfter(bench));
  console.log(`\n${String(availableParallelism())} cores, Node ${process.version}, ${new Date().toISOString()}\n`);
  console.log('| what | measured | target |\n|---|---|---|');
  for (const { what, value, target } of rows) console.log(`| ${what} | ${value} | ${target} |`);
} finally {
  await stack.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit();

function residentMegabytes(pid: number): string {
  const kilobytes = Number(
    /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? Number.NaN,
  );
  return `${(kilobytes / 1024).toFixed(0)} MB`;
}
