import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { KubeApi, type Manifest } from '../dev/kube-api.ts';
import type { Stack } from '../dev/start-stack.ts';
import { percentile } from './percentile.ts';
import type { SimulatorControl } from './simulator-control.ts';

export interface Bench {
  readonly stack: Stack;
  readonly control: SimulatorControl;
}

export interface Row {
  readonly what: string;
  readonly value: string;
  readonly target: string;
}

const run = promisify(execFile);
const NAMESPACE = 'default';

const group = (name: string): Manifest => ({
  apiVersion: 'resources.azure.com/v1api20200601',
  kind: 'ResourceGroup',
  metadata: { name, namespace: NAMESPACE },
  spec: { location: 'westus2' },
});
const server = (name: string, owner: string): Manifest => ({
  apiVersion: 'dbformysql.azure.com/v1api20210501',
  kind: 'FlexibleServer',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    location: 'westus2',
    owner: { name: owner },
    version: '8.0.21',
    sku: { name: 'Standard_D4ds_v4', tier: 'GeneralPurpose' },
  },
});
const account = (name: string, owner: string): Manifest => ({
  apiVersion: 'documentdb.azure.com/v1api20210515',
  kind: 'DatabaseAccount',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    location: 'westus2',
    owner: { name: owner },
    kind: 'MongoDB',
    databaseAccountOfferType: 'Standard',
    locations: [{ locationName: 'westus2' }],
  },
});

/** Measures the time from `kubectl apply` to Ready=True, counted from the start of kubectl and from its return. */
export async function measureResourceGroups(bench: Bench, runs: number, prefix = 'bench-rg'): Promise<Row[]> {
  const fromStart: number[] = [];
  const fromReturn: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    const { started, returned, ready } = await applyAndWait(bench, [group(`${prefix}-${String(index)}`)]);
    fromStart.push(ready - started);
    fromReturn.push(Math.max(0, ready - returned));
  }
  return [
    {
      what: `ResourceGroup, from the return of kubectl apply to Ready, p50 / p99 of ${String(runs)}`,
      value: percentiles(fromReturn),
      target: '≤ 250 ms (p50)',
    },
    { what: 'the same, from the start of the kubectl process', value: percentiles(fromStart), target: '' },
  ];
}

/** Measures the chain ResourceGroup → FlexibleServer → DatabaseAccount, applied in reverse order. */
export async function measureChain(bench: Bench, runs: number): Promise<Row[]> {
  const times: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    const name = `bench-chain-${String(index)}`;
    const { started, ready } = await applyAndWait(bench, [account(name, name), server(name, name), group(name)]);
    times.push(ready - started);
  }
  return [
    {
      what: `chain of three in reverse order, from the start of kubectl to all Ready, p50 / max of ${String(runs)}`,
      value: percentiles(times),
      target: '≤ 1500 ms',
    },
  ];
}

/**
 * Measures how late the end of a Cosmos operation, which has no Retry-After, is discovered after it has run for a
 * while.
 */
export async function measureCosmosEnd(bench: Bench, runs: number): Promise<Row[]> {
  const kube = new KubeApi(bench.stack.kubeconfig);
  await bench.control.configure({ synchronous: false, hold: true, timeScale: 1 });
  const names = Array.from({ length: runs }, (_, index) => `bench-cosmos-${String(index)}`);
  const late: number[] = [];
  try {
    for (const [index, name] of names.entries()) {
      await kube.apply(account(name, 'bench-rg-0'));
      await sleep(40_000 + index * 1_300);
      const ended = Date.now();
      await bench.control.finish();
      late.push((await readyAt(kube, [account(name, 'bench-rg-0')])) - ended);
    }
  } finally {
    kube.close();
  }
  return [
    {
      what: `end of a Cosmos operation after 40 s noticed, reported Ready, p50 / max of ${String(runs)}`,
      value: percentiles(late),
      target: '≤ 5000 ms',
    },
  ];
}

/** Measures how far the polls of a MySQL operation deviate from its Retry-After (60 s, scaled to 6 s). */
export async function measureRetryAfter(bench: Bench): Promise<Row[]> {
  const kube = new KubeApi(bench.stack.kubeconfig);
  await bench.control.configure({ synchronous: false, hold: false, timeScale: 0.1 });
  const manifest = server('bench-retry-after', 'bench-rg-0');
  try {
    await kube.apply(manifest);
    await readyAt(kube, [manifest]);
  } finally {
    kube.close();
  }
  const seen = (await bench.control.requests())
    .filter(({ path }) => /azureAsyncOperation/i.test(path))
    .map(({ at }) => at);
  const gaps = seen.slice(1).map((at, index) => at - (seen[index] ?? at));
  const off = gaps.map((gap) => gap - 6_000);
  const value = off.length === 0 ? 'no polls seen' : `${String(Math.min(...off))} to ${String(Math.max(...off))} ms`;
  return [{ what: `distance of ${String(gaps.length)} polls from Retry-After: 6`, value, target: '0 to 1000 ms' }];
}

async function applyAndWait(
  { stack }: Bench,
  manifests: readonly Manifest[],
): Promise<{ started: number; returned: number; ready: number }> {
  const file = join(stack.directory, 'bench.yaml');
  await writeFile(file, manifests.map((manifest) => stringify(manifest)).join('---\n'));
  const kube = new KubeApi(stack.kubeconfig);
  try {
    const started = Date.now();
    const applying = run(stack.binaries.kubectl, ['--kubeconfig', stack.kubeconfig, 'apply', '-f', file]).then(() =>
      Date.now(),
    );
    const [returned, ready] = await Promise.all([applying, readyAt(kube, manifests)]);
    return { started, returned, ready };
  } finally {
    kube.close();
  }
}

async function readyAt(kube: KubeApi, manifests: readonly Manifest[]): Promise<number> {
  for (const { apiVersion, kind, metadata } of manifests) {
    for (;;) {
      const object = await kube.get({ apiVersion, kind, name: metadata.name, namespace: NAMESPACE });
      if (object?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true) break;
      await sleep(10);
    }
  }
  return Date.now();
}

function percentiles(times: readonly number[]): string {
  return `${String(percentile(times, 0.5))} / ${String(percentile(times, 0.99))} ms`;
}
