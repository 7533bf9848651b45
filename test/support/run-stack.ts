import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  operatorEnvironment,
  prepareCluster,
  startSimulator,
  startWatcher,
  startWorker,
} from '../../dev/start-operator.ts';
import { freePorts } from '../../dev/free-ports.ts';
import { startStack } from '../../dev/start-stack.ts';

/** What a test file needs to know of the stack that it runs against; JSON, because jest's processes read it from a file. */
export interface TestStack {
  readonly directory: string;
  readonly logDirectory: string;
  readonly kubeconfig: string;
  readonly temporalAddress: string;
  readonly temporalDbFile: string;
  /** Where the worker serves its health and metrics. */
  readonly metricsAddress: string;
  /** Where the watcher does. */
  readonly watcherAddress: string;
  readonly simulator: { readonly url: string; readonly caFile: string };
  /** The environment of worker and watcher, for tests that start their own. */
  readonly operatorEnvironment: Readonly<Record<string, string>>;
  readonly binaries: Readonly<Record<'temporal' | 'etcd' | 'apiserver' | 'controllerManager' | 'kubectl', string>>;
}

export interface RunningTestStack {
  readonly stack: TestStack;
  /** Where `stack` was written, for TEST_STACK. */
  readonly file: string;
  stop(): Promise<void>;
}

// A hundred seconds of Azure pass in two.
const TIME_SCALE = 0.02;

/** The whole operator once per test run: stack, simulator, CRDs, one worker, one watcher. On failure nothing is left running. */
export async function startTestStack(directory: string, log?: (line: string) => void): Promise<RunningTestStack> {
  const stack = await startStack({ directory, ui: false, ...(log === undefined ? {} : { log }) });
  try {
    const { processes, logDirectory } = stack;
    const [simulator] = await Promise.all([
      startSimulator(processes, {
        directory: join(stack.directory, 'simulator'),
        logDirectory,
        timeScale: TIME_SCALE,
      }),
      prepareCluster(stack),
    ]);
    const [metricsAddress = '', watcherAddress = ''] = (await freePorts(2)).map((port) => `127.0.0.1:${String(port)}`);
    // What no line may contain is looked for in debug lines too (test/cluster/canary.test.ts).
    const environment = { ...operatorEnvironment(stack, simulator), LOG_LEVEL: 'debug' };
    startWorker(processes, { environment: { ...environment, HTTP_ADDRESS: metricsAddress }, logDirectory });
    startWatcher(processes, { environment: { ...environment, HTTP_ADDRESS: watcherAddress }, logDirectory });
    const testStack: TestStack = {
      directory: stack.directory,
      logDirectory,
      kubeconfig: stack.kubeconfig,
      temporalAddress: stack.temporalAddress,
      temporalDbFile: stack.temporalDbFile,
      metricsAddress,
      watcherAddress,
      simulator: { url: simulator.url, caFile: simulator.caFile },
      operatorEnvironment: environment,
      binaries: stack.binaries,
    };
    const file = join(stack.directory, 'test-stack.json');
    await writeFile(file, JSON.stringify(testStack, null, 2), { mode: 0o600 });
    return { stack: testStack, file, stop: async () => await stack.stop() };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}
