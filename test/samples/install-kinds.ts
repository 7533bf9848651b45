import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Kind } from '../../kinds/contract.ts';
import type { TestStack } from '../support/run-stack.ts';

/** Installs the CRDs of those kinds as a person does; resolves when they are served. */
export async function installKinds(stack: TestStack, kinds: readonly Kind[]): Promise<void> {
  const selection = [...new Set(kinds.map(({ group, kind }) => `${group}/${kind}`))].join(';');
  const command = join(import.meta.dirname, '../../cli/crds.ts');
  const child = spawn(process.execPath, [command, '--kinds', selection], {
    env: { ...process.env, KUBECONFIG: stack.kubeconfig },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 1)));
  if (code !== 0) throw new Error(`cannot install the CRDs of the samples: ${said}`);
}
