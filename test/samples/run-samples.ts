import { setTimeout as sleep } from 'node:timers/promises';
import { KubeApiError, type LiveObject } from '../../dev/kube-api.ts';
import type { Kinds } from '../../kinds/contract.ts';
import { keyOf, readyOf, type TestEnvironment } from '../support/environment.ts';
import type { Sample } from './load-samples.ts';
import { destinationsOf, inNamespace, kindOf, type Plan } from './plan.ts';

/** What became of one manifest. */
export interface Outcome {
  readonly file: string;
  readonly kind: string;
  readonly name: string;
  /** Undefined when it became Ready and wrote what it was to write; else what the API server or the Ready condition said. */
  readonly fault: string | undefined;
  readonly seconds: number;
}

export interface RunOptions {
  /** How many folders are in work at a time. */
  readonly atOnce: number;
  /** How long one folder may take. */
  readonly timeoutMs: number;
  readonly log?: (line: string) => void;
}

/** Applies folder by folder, several at a time, each in a namespace and a subscription of its own, and waits until all is Ready. */
export async function runPlans(
  deps: { readonly env: TestEnvironment; readonly kinds: Kinds },
  plans: readonly Plan[],
  options: RunOptions,
): Promise<Outcome[]> {
  // The large ones first, so that none of them is left alone at the end.
  const queue = [...plans].sort((one, other) => other.samples.length - one.samples.length);
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let plan = queue.shift(); plan; plan = queue.shift()) {
      const done = await runPlan(deps, plan, options.timeoutMs);
      outcomes.push(...done);
      const ready = done.filter(({ fault }) => fault === undefined).length;
      const seconds = Math.max(0, ...done.map((outcome) => outcome.seconds));
      options.log?.(`${plan.unit}: ${String(ready)} of ${String(done.length)} Ready in ${seconds.toFixed(1)} s`);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  return outcomes.sort((one, other) => (one.file < other.file ? -1 : 1));
}

async function runPlan(
  { env, kinds }: { readonly env: TestEnvironment; readonly kinds: Kinds },
  plan: Plan,
  timeoutMs: number,
): Promise<Outcome[]> {
  const started = Date.now();
  const namespace = await env.createNamespace(plan.unit.replaceAll('/', '-'));
  await env.useSubscription(namespace);
  for (const { kind, name, keys } of plan.inputs) await env.apply(madeUp(kind, { name, namespace }, keys));
  const pending = new Map<Sample, string>();
  const outcomes = new Map<Sample, Outcome>();
  const settle = (sample: Sample, fault: string | undefined): void => {
    pending.delete(sample);
    const { kind, metadata } = sample.manifest;
    outcomes.set(sample, { file: sample.file, kind, name: metadata.name, fault, seconds: (Date.now() - started) / 1000 });
  };
  for (const sample of [...plan.borrowed, ...plan.samples]) {
    try {
      await acceptedAsItIs(env, kinds, sample);
      await env.apply(inNamespace(sample, namespace));
      pending.set(sample, 'no Ready condition');
    } catch (error) {
      if (!(error instanceof KubeApiError)) throw error;
      settle(sample, `refused: ${error.message}`);
    }
  }
  while (pending.size > 0 && Date.now() - started < timeoutMs) {
    for (const sample of [...pending.keys()]) {
      const object = await env.kube.get(keyOf(inNamespace(sample, namespace)));
      const condition = object && readyOf(object);
      if (condition?.status === 'True' && isCurrent(object)) settle(sample, await unwritten(env, sample, namespace));
      else if (condition) pending.set(sample, `${condition.severity ?? ''} ${condition.reason}: ${condition.message ?? ''}`);
    }
    await sleep(1_000);
  }
  for (const [sample, was] of pending) settle(sample, was);
  const borrowed = plan.borrowed.map((sample) => outcomes.get(sample)).filter((outcome) => outcome?.fault !== undefined);
  return [...borrowed, ...plan.samples.map((sample) => outcomes.get(sample))].filter((outcome) => outcome !== undefined);
}

/** A dry run of the file as it is, its namespace too. */
async function acceptedAsItIs({ kube }: TestEnvironment, kinds: Kinds, sample: Sample): Promise<void> {
  const { apiVersion, metadata } = sample.manifest;
  const path = `/apis/${apiVersion}/namespaces/${metadata.namespace ?? 'default'}/${kindOf(kinds, sample).plural}/${metadata.name}`;
  const query = 'dryRun=All&fieldManager=kubectl&force=true&fieldValidation=Strict';
  await kube.call('PATCH', `${path}?${query}`, sample.manifest, 'application/apply-patch+yaml');
}

/** Ready comes last: what the sample wants written is there by then. */
async function unwritten({ kube }: TestEnvironment, sample: Sample, namespace: string): Promise<string | undefined> {
  for (const { kind, name, key } of destinationsOf(sample)) {
    const data = (await kube.get({ apiVersion: 'v1', kind, name, namespace }))?.data ?? {};
    const there = key === undefined ? Object.keys(data).length > 0 : (data[key] ?? '') !== '';
    if (!there) return `Ready, but ${kind} ${name} lacks ${key ?? 'any key'}`;
  }
  return undefined;
}

function isCurrent(object: LiveObject | undefined): boolean {
  return object !== undefined && readyOf(object)?.observedGeneration === object.metadata.generation;
}

/** Values that Azure would take for a password, and that are no one's. */
function madeUp(kind: 'Secret' | 'ConfigMap', metadata: { name: string; namespace: string }, keys: readonly string[]): Parameters<TestEnvironment['apply']>[0] {
  const value = `Made-up-${metadata.name}-1`;
  const text = kind === 'Secret' ? Buffer.from(value).toString('base64') : value;
  return { apiVersion: 'v1', kind, metadata, data: Object.fromEntries(keys.map((key) => [key, text])) };
}

/** The outcomes as a table: faults first. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ file, kind, fault, seconds }) => [file, kind, fault ?? `Ready after ${seconds.toFixed(1)} s`]);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([file = '', kind = '', state = '']) => `${file.padEnd(widths[0] ?? 0)}  ${kind.padEnd(widths[1] ?? 0)}  ${state}`).join('\n');
}
