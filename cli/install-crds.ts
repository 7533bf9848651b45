import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

import { parseAllDocuments } from 'yaml';

import { isSelected } from '../kinds/facts/kind-selection.ts';
import { GENERIC_KIND } from '../kinds/generic/generic-kind.ts';
import type { Json, JsonObject, KubeClient } from '../kube/contract.ts';
import { KubeError } from '../kube/errors.ts';
import { newestVersions, type Versioned } from './newest-versions.ts';

const FIELD_MANAGER = 'azure-temporal-operator';
/** How long to wait until the API server serves the next CRD. */
const ESTABLISH_TIMEOUT_MS = 60_000;
/** The number of parallel calls. The API server spends all its CPU on a CRD: more calls at once only time out. */
const CONCURRENCY = 4;
const MAX_TRIES = 8;

/** The part of a manifest of `crds/` that the installation needs. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface GeneratedFile {
  /** Undefined for a manifest that is not a CRD. */
  readonly id: { readonly group: string; readonly kind: string } | undefined;
  readonly text: string;
}

export interface InstallOptions {
  /**
   * ASO's notation: `dbformysql.azure.com/*;storage.azure.com/StorageAccount`. GenericResource is selected only by its
   * own group.
   * @default all others
   */
  readonly kinds?: string | undefined;
  /** Serve only the newest api-version of each kind. */
  readonly newest?: boolean;
  /** The API server only validates them and stores none. */
  readonly dryRun?: boolean;
}

/**
 * Installs or updates the CRDs of the selected kinds and the admission policy. Returns the names of the CRDs once the
 * API server serves them.
 * @throws Error if a part of the selection matches nothing, or if a CRD is not served within a minute after the one
 * before it
 */
export async function installCrds(client: KubeClient, options: InstallOptions = {}): Promise<string[]> {
  const { kinds: selection = '*', newest = false, dryRun = false } = options;
  const files = await readFiles();
  // Check each part of the selection: with one of two names misspelt, installing only the other would go unnoticed.
  const parts = selection.split(';').map((part) => part.trim());
  for (const part of parts.filter((text) => text !== '')) {
    if (!files.some(({ id }) => id && isChosen(part, id)))
      throw new Error(`no kind in crds/ matches "${part}"; docs/kinds.md lists the kinds`);
  }
  const selected = files.filter(({ id }) => id && parts.some((part) => isChosen(part, id))).flatMap(manifestsOf);
  const crds = newest ? selected.map((crd) => newestVersions(crd as Manifest & Versioned)) : selected;
  if (crds.length === 0) throw new Error('no kind is selected; use <group>/<Kind>, <group>/* or *');
  const policies = files.filter(({ id }) => id === undefined).flatMap(manifestsOf);
  const query = `fieldManager=${FIELD_MANAGER}${dryRun ? '&dryRun=All' : ''}`;
  await forEachConcurrently([...policies, ...crds], CONCURRENCY, (manifest) =>
    createOrReplace(client, manifest, query),
  );
  if (!dryRun) for (const crd of crds) await waitEstablished(client, crd);
  return crds.map((crd) => crd.metadata.name);
}

/** GenericResource can be any type of Azure, so `*` does not install it: who wants it must say so. */
function isChosen(part: string, id: { group: string; kind: string }): boolean {
  const isGeneric = id.group === GENERIC_KIND.group;
  return isSelected(part, id) && (!isGeneric || part.startsWith(`${GENERIC_KIND.group}/`));
}

async function readFiles(): Promise<GeneratedFile[]> {
  const folder = new URL('../crds/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => /\.yaml(?:\.gz)?$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readText(new URL(name, folder))));
  return texts.map((text) => ({ id: idOf(text), text }));
}

/** The image has the files compressed: a tenth of their size. */
async function readText(file: URL): Promise<string> {
  const content = await readFile(file);
  return (file.pathname.endsWith('.gz') ? gunzipSync(content) : content).toString('utf8');
}

/** Extracts the id without parsing the YAML: parsing all files takes seconds, and most selections are small. */
function idOf(text: string): GeneratedFile['id'] {
  const group = /^ {2}group: (.+)$/m.exec(text)?.[1];
  const kind = /^ {4}kind: (.+)$/m.exec(text)?.[1];
  return group === undefined || kind === undefined ? undefined : { group, kind };
}

function manifestsOf({ text }: GeneratedFile): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

async function forEachConcurrently<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/**
 * Creates or replaces an object. Server-side apply took the API server three times as long, and calls for large CRDs
 * timed out (docs/crds.md). Labels and annotations that others set are kept.
 */
async function createOrReplace(client: KubeClient, manifest: Manifest, query: string): Promise<void> {
  const isNew = await retryWhileBusy(() => create(client, manifest, query));
  if (!isNew) await retryWhileBusy(() => replace(client, manifest, query));
}

/** Returns false when the object exists, possibly from an earlier call whose answer was lost. */
async function create(client: KubeClient, manifest: Manifest, query: string): Promise<boolean> {
  try {
    await client.request('POST', `${collectionOf(manifest)}?${query}`, manifest as unknown as JsonObject);
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.reason === 'AlreadyExists') return false;
    throw error;
  }
}

async function replace(client: KubeClient, manifest: Manifest, query: string): Promise<void> {
  const { body } = await client.request('GET', pathOf(manifest));
  const { metadata } = body as { metadata: JsonObject };
  await client.request('PUT', `${pathOf(manifest)}?${query}`, { ...(manifest as unknown as JsonObject), metadata });
}

function collectionOf({ apiVersion, kind }: Manifest): string {
  const plural = kind === 'ValidatingAdmissionPolicy' ? 'validatingadmissionpolicies' : `${kind.toLowerCase()}s`;
  return `/apis/${apiVersion}/${plural}`;
}

function pathOf(manifest: Manifest): string {
  return `${collectionOf(manifest)}/${manifest.metadata.name}`;
}

async function waitEstablished(client: KubeClient, crd: Manifest): Promise<void> {
  const deadline = Date.now() + ESTABLISH_TIMEOUT_MS;
  for (;;) {
    const { body } = await retryWhileBusy(() => client.request('GET', pathOf(crd)));
    if (isEstablished(body)) return;
    if (Date.now() > deadline)
      throw new Error(
        `the API server does not serve ${crd.metadata.name} yet: check its status.conditions and run the command again`,
      );
    await sleep(50);
  }
}

/**
 * Retries a call while the API server is busy: on a small machine, processing a large CRD can take longer than a call's
 * timeout.
 */
async function retryWhileBusy<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KubeError) || !isBusy(error) || tries === MAX_TRIES) throw error;
      await sleep(error.retryAfterMs ?? 250 * tries);
    }
  }
}

/** No answer, too many requests, a server error, or a conflict (409) with the API server's own controllers. */
function isBusy({ status }: KubeError): boolean {
  return status === 0 || status === 409 || status === 429 || status >= 500;
}

function isEstablished(body: Json | undefined): boolean {
  const { status } = (body ?? {}) as { status?: { conditions?: { type: string; status: string }[] } };
  return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
}
