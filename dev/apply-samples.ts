import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { KubeApi } from './kube-api.ts';
import type { LiveObject, Manifest } from './kube-api.ts';
import type { ManagedProcess } from './processes.ts';
import { hasFailed, ProgressTable, rowOf } from './progress-table.ts';
import type { Row } from './progress-table.ts';
import type { Stack } from './start-stack.ts';

const SAMPLES = join(import.meta.dirname, '..', 'samples');
const TIMEOUT_MS = 5 * 60_000;
const POLL_INTERVAL_MS = 200;

export interface Outcome {
  readonly ok: boolean;
  /** The text to print: where to look when all are Ready, otherwise the reason of the failure. */
  readonly text: string;
}

type SampleStack = Pick<Stack, 'kubeconfig' | 'temporalUi'> & { readonly binaries: Pick<Stack['binaries'], 'kubectl'> };

/** Applies `samples/` with kubectl, as a user does, and shows each resource until all are Ready or one has failed. */
export async function applySamples(stack: SampleStack, operator: readonly ManagedProcess[]): Promise<Outcome> {
  const resources = (await readSamples()).filter(({ apiVersion }) => apiVersion.includes('.azure.com/'));
  const kubectl = promisify(execFile);
  await kubectl(stack.binaries.kubectl, ['--kubeconfig', stack.kubeconfig, 'apply', '-f', SAMPLES]);
  const api = new KubeApi(stack.kubeconfig);
  try {
    const failure = await showUntilReady(api, { resources, operator });
    if (failure !== undefined) return { ok: false, text: `\nFailed: ${failure}` };
    return { ok: true, text: await summaryOf(api, { stack, resources }) };
  } finally {
    api.close();
  }
}

async function readSamples(): Promise<Manifest[]> {
  const files = (await readdir(SAMPLES)).filter((file) => file.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map(async (file) => await readFile(join(SAMPLES, file), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

/** Returns undefined when all are Ready, otherwise the reason of the failure. */
async function showUntilReady(
  api: KubeApi,
  input: { resources: readonly Manifest[]; operator: readonly ManagedProcess[] },
): Promise<string | undefined> {
  const table = new ProgressTable();
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const rows = await Promise.all(input.resources.map(async (manifest) => rowOf(manifest, await find(api, manifest))));
    table.show(rows);
    if (rows.every(({ ready }) => ready === 'True')) return undefined;
    const failed = rows.find(hasFailed);
    if (failed !== undefined) return describe(failed);
    const ended = input.operator.find((part) => !part.running());
    if (ended !== undefined) return `${ended.name} has exited; last lines of ${ended.logFile}:\n${ended.logTail()}`;
    if (Date.now() > deadline) {
      const open = rows.filter(({ ready }) => ready !== 'True').map(describe);
      return `not Ready within ${TIMEOUT_MS / 60_000} minutes: ${open.join('; ')}`;
    }
    await sleep(POLL_INTERVAL_MS);
  }
}

function describe(row: Row): string {
  return `${row.resource}: Ready=${row.ready} ${row.reason}${row.message === '' ? '' : `: ${row.message}`}`;
}

async function find(api: KubeApi, manifest: Manifest): Promise<LiveObject | undefined> {
  const { apiVersion, kind, metadata } = manifest;
  return await api.get({
    apiVersion,
    kind,
    name: metadata.name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  });
}

/** Describes where to look and which Secrets were written: names and keys, never values. */
async function summaryOf(api: KubeApi, input: { stack: SampleStack; resources: readonly Manifest[] }): Promise<string> {
  const live = await Promise.all(input.resources.map(async (manifest) => await find(api, manifest)));
  const uids = new Set(live.map((object) => object?.metadata.uid));
  const secrets = (await api.list({ apiVersion: 'v1', kind: 'Secret', namespace: 'default' })).filter((secret) =>
    secret.metadata.ownerReferences?.some(({ uid }) => uids.has(uid)),
  );
  const kinds = input.resources.map(
    ({ kind, apiVersion }) => `${kind.toLowerCase()}s.${apiVersion.split('/')[0] ?? ''}`,
  );
  return [
    '\nAll Ready.\n',
    `Temporal UI   ${input.stack.temporalUi ?? ''}`,
    `Kubernetes    KUBECONFIG=${input.stack.kubeconfig} ${pathOf(input.stack.binaries.kubectl)} get ${[...new Set(kinds)].join(',')}`,
    'Secrets',
    ...secrets.map((secret) => {
      const owners = secret.metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`).join(', ') ?? '';
      return `  ${secret.metadata.name}: ${Object.keys(secret.data ?? {}).join(', ')}   (of ${owners})`;
    }),
  ].join('\n');
}

function pathOf(program: string): string {
  const short = relative(process.cwd(), program);
  return short.startsWith('..') ? program : `./${short}`;
}
