/**
 * `npm run stack` runs the control plane and Temporal, without the operator, until Ctrl-C. STACK_DIRECTORY is its
 * directory; default `.dev`.
 */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { portFromEnvironment } from './port-from-environment.ts';
import { startStack } from './start-stack.ts';
import { untilSignal } from './until-signal.ts';

const directory = process.env.STACK_DIRECTORY
  ? resolve(process.env.STACK_DIRECTORY)
  : join(import.meta.dirname, '..', '.dev');
const log = (line: string): void => console.log(line);

try {
  const stack = await startStack({
    directory,
    log,
    ports: {
      ...portFromEnvironment('apiserver', 'KUBE_APISERVER_PORT'),
      ...portFromEnvironment('temporal', 'TEMPORAL_PORT'),
      ...portFromEnvironment('temporalUi', 'TEMPORAL_UI_PORT'),
    },
  });
  const variables = {
    KUBECONFIG: stack.kubeconfig,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    TEMPORAL_UI: stack.temporalUi ?? '',
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}`);
  await writeFile(join(directory, 'env'), `${lines.join('\n')}\n`);
  log(
    `Ready. In another terminal:\n  source ${join(directory, 'env')}\n${lines.map((line) => `  # ${line}`).join('\n')}\nCtrl-C stops the stack.`,
  );
  await untilSignal();
  await stack.stop();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
