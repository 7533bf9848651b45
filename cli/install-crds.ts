import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { parseAllDocuments } from 'yaml';

import { isSelected } from '../kinds/generate/selection.ts';
import type { Json, JsonObject, KubeClient } from '../kube/contract.ts';
import { KubeError } from '../kube/errors.ts';

const FIELD_MANAGER = 'azure-temporal-operator';
const ESTABLISHED_WITHIN_MS = 60_000;
const TRIES = 5;

/** A manifest of `crds/`, as far as installing it needs to know. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly group?: string; readonly names?: { readonly kind?: string } };
}

/**
 * Applies the CRDs of the selected kinds (ASO's notation, `dbformysql.azure.com/*;...`; all without one) and the admission policy, and returns
 * the names of the CRDs once the API server serves them.
 * @throws Error if nothing matches, or if a CRD is not established within a minute.
 */
export async function installCrds(client: KubeClient, selection = '*'): Promise<string[]> {
  const manifests = await readManifests();
  const isCrd = (manifest: Manifest): boolean => manifest.kind === 'CustomResourceDefinition';
  const crds = manifests.filter((manifest) => isCrd(manifest) && isSelected(selection, idOf(manifest)));
  if (crds.length === 0) throw new Error(`no kind in crds/ matches "${selection}"`);
  await Promise.all(
    [...crds, ...manifests.filter((manifest) => !isCrd(manifest))].map((manifest) => apply(client, manifest)),
  );
  const deadline = Date.now() + ESTABLISHED_WITHIN_MS;
  for (const crd of crds) await waitEstablished(client, crd, deadline);
  return crds.map((crd) => crd.metadata.name);
}

async function readManifests(): Promise<Manifest[]> {
  const folder = new URL('../crds/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

function idOf(manifest: Manifest): { group: string; kind: string } {
  return { group: manifest.spec.group ?? '', kind: manifest.spec.names?.kind ?? '' };
}

async function apply(client: KubeClient, manifest: Manifest): Promise<void> {
  const query = `fieldManager=${FIELD_MANAGER}&force=true`;
  const body = manifest as unknown as JsonObject;
  const headers = { 'Content-Type': 'application/apply-patch+yaml' };
  for (let tries = 1; ; tries += 1) {
    try {
      await client.request('PATCH', `${pathOf(manifest)}?${query}`, body, headers);
      return;
    } catch (error) {
      // A large CRD on a busy machine can take longer than one call may; applying it again is harmless.
      const unanswered = error instanceof KubeError && (error.status === 0 || error.status >= 500);
      if (!unanswered || tries === TRIES) throw error;
    }
  }
}

function pathOf({ apiVersion, kind, metadata }: Manifest): string {
  const plural = kind === 'ValidatingAdmissionPolicy' ? 'validatingadmissionpolicies' : `${kind.toLowerCase()}s`;
  return `/apis/${apiVersion}/${plural}/${metadata.name}`;
}

async function waitEstablished(client: KubeClient, crd: Manifest, deadline: number): Promise<void> {
  for (;;) {
    const { body } = await client.request('GET', pathOf(crd));
    if (isEstablished(body)) return;
    if (Date.now() > deadline)
      throw new Error(`${crd.metadata.name} was applied but is not served: see its status.conditions`);
    await sleep(50);
  }
}

function isEstablished(body: Json | undefined): boolean {
  const { status } = (body ?? {}) as { status?: { conditions?: { type: string; status: string }[] } };
  return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
}
