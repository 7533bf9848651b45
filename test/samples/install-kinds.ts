import { parse } from 'yaml';
import type { Manifest } from '../../dev/kube-api.ts';
import type { Kind } from '../../kinds/contract.ts';
import { crdFiles } from '../../kinds/generate/files.ts';
import { waitFor, type TestEnvironment } from '../support/environment.ts';

/** Installs the CRDs of those kinds that are not there yet, and waits until they are served. */
export async function installKinds(env: TestEnvironment, kinds: readonly Kind[]): Promise<void> {
  const crds = [...new Set(kinds)].map((kind) => ({ kind, name: `${kind.plural}.${kind.group}` }));
  const isEstablished = async (name: string): Promise<boolean> => {
    const object = await env.kube.get({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name });
    return object?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false;
  };
  const missing: typeof crds = [];
  for (const crd of crds) if (!(await isEstablished(crd.name))) missing.push(crd);
  if (missing.length === 0) return;
  const files = crdFiles(missing.map(({ kind }) => `${kind.group}/${kind.kind}`).join(';'));
  for (const { kind } of missing) {
    const crd = parse(files.get(`${kind.group}_${kind.plural}.yaml`) ?? '') as Manifest;
    await env.kube.apply(crd, 'azure-temporal-operator');
  }
  for (const { name } of missing) await waitFor(() => isEstablished(name), 60_000, 200);
}
