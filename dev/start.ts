/**
 * `npm start` runs the whole operator on one machine, applies the samples and shows them until they are Ready. See
 * `--help`.
 */
import { parseArgs } from 'node:util';
import { join, relative } from 'node:path';
import { applySamples } from './apply-samples.ts';
import { operatorEnvironment, prepareCluster, startSimulator, startWatcher, startWorker } from './start-operator.ts';
import type { OperatorInput } from './start-operator.ts';
import { portFromEnvironment } from './port-from-environment.ts';
import type { ManagedProcess } from './processes.ts';
import { restartOnChange } from './restart-on-change.ts';
import { startStack } from './start-stack.ts';
import type { Stack } from './start-stack.ts';
import { untilSignal } from './until-signal.ts';

const ROOT = join(import.meta.dirname, '..');
const DIRECTORY = join(ROOT, '.dev');
// Slow enough that each operation is polled several times, fast enough to watch.
const TIME_SCALE = 0.05;
const HELP = `npm start [-- --once] [-- --watch]
  --once   exit 0 when all samples are Ready; non-zero with the reason when one fails, or after 5 minutes
  --watch  restart worker and watcher when a source file changes (npm run dev)`;

const log = (line: string): void => console.log(line);

interface Operator {
  readonly parts: readonly ManagedProcess[];
  restart(): Promise<void>;
  stop(): Promise<void>;
}

try {
  const { values } = parseArgs({
    options: { once: { type: 'boolean' }, watch: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) log(HELP);
  // Everything has stopped by now, but the wait for a signal would keep the process running.
  else process.exit(await main({ once: values.once === true, watch: values.watch === true }));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

async function main(options: { once: boolean; watch: boolean }): Promise<number> {
  const stack = await startStack({
    directory: DIRECTORY,
    log,
    ports: {
      ...portFromEnvironment('apiserver', 'KUBE_APISERVER_PORT'),
      ...portFromEnvironment('temporal', 'TEMPORAL_PORT'),
      ...portFromEnvironment('temporalUi', 'TEMPORAL_UI_PORT'),
    },
  });
  const interrupted = untilSignal();
  try {
    const operator = await startOperator(stack);
    const changes = options.watch ? watchSources(operator) : undefined;
    try {
      log(`Temporal UI   ${stack.temporalUi ?? ''}\nlogs          ${relative(process.cwd(), stack.logDirectory)}/\n`);
      const outcome = await Promise.race([applySamples(stack, operator.parts), interrupted]);
      if (typeof outcome === 'string') return 130;
      log(outcome.text);
      if (!options.once) {
        log('\nCtrl-C stops everything.');
        await interrupted;
      }
      return outcome.ok ? 0 : 1;
    } finally {
      changes?.close();
      // Stop the operator before the stack: a worker that has lost its server does not shut down cleanly.
      await operator.stop();
    }
  } finally {
    await stack.stop();
  }
}

/** Starts the simulator and installs the CRDs in parallel, then starts watcher and worker. */
async function startOperator(stack: Stack): Promise<Operator> {
  const { processes, logDirectory } = stack;
  const [simulator] = await Promise.all([
    startSimulator(processes, {
      directory: join(stack.directory, 'simulator'),
      logDirectory,
      timeScale: TIME_SCALE,
      ...portFromEnvironment('port', 'SIMULATOR_PORT'),
    }),
    prepareCluster(stack),
  ]);
  const input: OperatorInput = { environment: operatorEnvironment(stack, simulator), logDirectory };
  const parts = [simulator.process, startWorker(processes, input), startWatcher(processes, input)];
  const stopOwn = async (): Promise<void> => {
    await Promise.all(parts.splice(1).map((part) => part.stop(3000)));
  };
  return {
    parts,
    stop: stopOwn,
    restart: async () => {
      await stopOwn();
      parts.push(startWorker(processes, input), startWatcher(processes, input));
    },
  };
}

function watchSources(operator: Operator): { close(): void } {
  // Restarts run in sequence: two at once would leave a worker of the first one running.
  let last = Promise.resolve();
  return restartOnChange((file) => {
    last = last
      .then(async () => {
        log(`${file} changed: restarting worker and watcher`);
        await operator.restart();
      })
      .catch((error: unknown) => log(`cannot restart: ${error instanceof Error ? error.message : String(error)}`));
  });
}
