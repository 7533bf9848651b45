import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { parseAllDocuments } from 'yaml';

import { isSelected } from '../kinds/facts/kind-selection.ts';
import type { Json, JsonObject, KubeClient } from '../kube/contract.ts';
import { KubeError } from '../kube/errors.ts';
import { newestVersions, type Versioned } from './newest-versions.ts';

const FIELD_MANAGER = 'azure-temporal-operator';
/** How long the API server may be silent about the next CRD. */
const PATIENCE_MS = 60_000;
/** An API server works on a CRD with all it has: more at once only makes calls time out. */
const AT_ONCE = 4;
const TRIES = 8;

/** A manifest of `crds/`, as far as installing it needs to know. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface GeneratedFile {
  /** Undefined for what is no CRD. */
  readonly id: { readonly group: string; readonly kind: string } | undefined;
  readonly text: string;
}

export interface InstallOptions {
  /** ASO's notation: `dbformysql.azure.com/*;storage.azure.com/StorageAccount`. @default all */
  readonly kinds?: string | undefined;
  /** Only the newest api-version of each kind is served. */
  readonly newest?: boolean;
  /** The API server checks them and keeps none. */
  readonly dryRun?: boolean;
}

/**
 * Installs the CRDs of the selected kinds and the admission policy, or brings them up to date, and returns the names of the CRDs once the API server serves them.
 * @throws Error if nothing matches, or if a CRD is not served a minute after the one before it.
 */
export async function installCrds(client: KubeClient, options: InstallOptions = {}): Promise<string[]> {
  const { kinds: selection = '*', newest = false, dryRun = false } = options;
  const files = await readFiles();
  // Each part: of two names with one misspelt, installing just the other would be found out much later.
  const parts = selection.split(';').map((part) => part.trim());
  for (const part of parts.filter((text) => text !== '')) {
    if (!files.some(({ id }) => id && isSelected(part, id))) throw new Error(`no kind in crds/ matches "${part}"`);
  }
  const whole = files.filter(({ id }) => id && isSelected(selection, id)).flatMap(manifestsOf);
  const crds = newest ? whole.map((crd) => newestVersions(crd as Manifest & Versioned)) : whole;
  if (crds.length === 0) throw new Error('no kind is selected: write <group>/<Kind>, <group>/* or *');
  const others = files.filter(({ id }) => id === undefined).flatMap(manifestsOf);
  const query = `fieldManager=${FIELD_MANAGER}${dryRun ? '&dryRun=All' : ''}`;
  await eachOf([...others, ...crds], AT_ONCE, (manifest) => put(client, manifest, query));
  if (!dryRun) for (const crd of crds) await waitEstablished(client, crd);
  return crds.map((crd) => crd.metadata.name);
}

async function readFiles(): Promise<GeneratedFile[]> {
  const folder = new URL('../crds/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  return texts.map((text) => ({ id: idOf(text), text }));
}

/** Found without parsing the file: parsing all takes seconds, and a selection is mostly of few. */
function idOf(text: string): GeneratedFile['id'] {
  const group = /^ {2}group: (.+)$/m.exec(text)?.[1];
  const kind = /^ {4}kind: (.+)$/m.exec(text)?.[1];
  return group === undefined || kind === undefined ? undefined : { group, kind };
}

function manifestsOf({ text }: GeneratedFile): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

async function eachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const takeTurns = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, takeTurns));
}

/**
 * Creates it, or replaces what is there. Not by server-side apply: that took the API server three times as long, and calls for large CRDs timed out
 * (docs/crds.md). Labels and annotations of others stay.
 */
async function put(client: KubeClient, manifest: Manifest, query: string): Promise<void> {
  const isNew = await persistently(() => create(client, manifest, query));
  if (!isNew) await persistently(() => replace(client, manifest, query));
}

/** False when it is there already, maybe by an earlier call whose answer was lost. */
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
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { body } = await persistently(() => client.request('GET', pathOf(crd)));
    if (isEstablished(body)) return;
    if (Date.now() > deadline)
      throw new Error(`${crd.metadata.name} was applied but is not served: see its status.conditions`);
    await sleep(50);
  }
}

/** Calls again where the API server could not take it now: on a small machine a large CRD can take longer than one call may. */
async function persistently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KubeError) || !isBusy(error) || tries === TRIES) throw error;
      await sleep(error.retryAfterMs ?? 250 * tries);
    }
  }
}

/** No answer, too many requests, or (409) the API server's own controllers were quicker. */
function isBusy({ status }: KubeError): boolean {
  return status === 0 || status === 409 || status === 429 || status >= 500;
}

function isEstablished(body: Json | undefined): boolean {
  const { status } = (body ?? {}) as { status?: { conditions?: { type: string; status: string }[] } };
  return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
}
