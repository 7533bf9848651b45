import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Manifest } from '../../dev/kube-api.ts';
import type { TestEnvironment } from '../support/environment.ts';

/** What the real kubectl prints for a namespace. */
export async function kubectl(env: TestEnvironment, namespace: string, ...args: string[]): Promise<string> {
  const { binaries, kubeconfig } = env.stack;
  const all = ['--kubeconfig', kubeconfig, '--namespace', namespace, ...args];
  return (await promisify(execFile)(binaries.kubectl, all)).stdout;
}

/** A line of `kubectl events`. */
export interface Line {
  readonly lastSeen: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** What `kubectl events --for KIND/NAME` tells, in its order. */
export async function storyOf(env: TestEnvironment, { kind, metadata }: Manifest): Promise<Line[]> {
  const { namespace = '', name } = metadata;
  const text = await kubectl(env, namespace, 'events', '--for', `${kind.toLowerCase()}/${name}`);
  return text.split('\n').flatMap((line) => {
    const [, lastSeen = '', type = '', reason = '', message = ''] =
      /^(\S.*?)\s+(Normal|Warning)\s+(\S+)\s+\S+\/\S+\s+(.*)$/.exec(line) ?? [];
    return reason === '' ? [] : [{ lastSeen, type, reason, message }];
  });
}
