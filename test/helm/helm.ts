import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { ensureHelm } from '../../dev/binaries.ts';
import type { Manifest } from '../../dev/kube-api.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const CHART = join(ROOT, 'deploy/helm/azure-temporal-operator');

/**
 * Runs Helm, without the settings of the user.
 * @throws Error with what Helm wrote to standard error
 */
export async function helm(args: readonly string[], kubeconfig = '/none'): Promise<string> {
  const program = await ensureHelm(console.log);
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/none', KUBECONFIG: kubeconfig, HELM_NO_PLUGINS: '1' };
  const { stdout } = await promisify(execFile)(program, args, { env, maxBuffer: 100_000_000 });
  return stdout;
}

/** The manifests of `helm template`, hooks too. */
export async function render(...args: string[]): Promise<Manifest[]> {
  return manifestsIn(await helm(['template', 'operator', CHART, '--namespace', 'operator', ...args]));
}

export function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}
