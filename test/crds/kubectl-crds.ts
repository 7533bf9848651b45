import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { JsonObject, KubeClient } from '../../kube/contract.ts';

const run = promisify(execFile);

/** Runs kubectl; its output. */
export async function kubectl(
  { program, kubeconfig }: { program: string; kubeconfig: string },
  args: readonly string[],
): Promise<string> {
  const { stdout } = await run(program, ['--kubeconfig', kubeconfig, ...args], { maxBuffer: 256 * 1024 * 1024 });
  return stdout;
}

/** What the API server has stored of each CRD: name -> spec. */
export async function storedCrds(client: KubeClient, names: readonly string[]): Promise<Map<string, JsonObject>> {
  const stored = new Map<string, JsonObject>();
  for (const name of names) {
    const { body } = await client.request(
      'GET',
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`,
    );
    stored.set(name, (body as { spec: JsonObject }).spec);
  }
  return stored;
}

/** The names of the CRDs whose specs differ. */
export function differingCrds(one: ReadonlyMap<string, JsonObject>, two: ReadonlyMap<string, JsonObject>): string[] {
  const names = [...new Set([...one.keys(), ...two.keys()])];
  return names.filter((name) => JSON.stringify(one.get(name)) !== JSON.stringify(two.get(name)));
}
