import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { changed, type Change, type ReconcileResult } from '../../contract/signals.ts';
import {
  POLL_TASK_QUEUE,
  TASK_QUEUE,
  workflowId,
  WORKFLOW_TYPE,
  type ResourceRef,
} from '../../contract/resource-ref.ts';
import type { Activities, Plan, Target } from '../../contract/steps.ts';
import { registerSearchAttributes } from '../../worker/register-search-attributes.ts';
import type { TestStack } from '../support/run-stack.ts';

type StepName = keyof Activities;
type Answer<K extends StepName> = (
  input: Parameters<Activities[K]>[0],
  call: number,
) => Awaited<ReturnType<Activities[K]>> | ReturnType<Activities[K]>;
type Script = { readonly [K in StepName]?: Answer<K> };

/** One resource's workflow, with the steps that it asked for in their order. */
interface Story {
  readonly ref: ResourceRef;
  readonly steps: readonly string[];
  readonly target: Target;
  /** Everything that the given step was called with. */
  inputs<K extends StepName>(name: K): readonly Parameters<Activities[K]>[0][];
  tell(change?: Partial<Change>): Promise<void>;
  retry(): Promise<void>;
  handle(): WorkflowHandle;
  result(): Promise<ReconcileResult>;
  /** Resolves when the step has been called so many times. */
  called(name: StepName, times?: number): Promise<void>;
  runs(): Promise<number>;
}

export interface WorkflowWorld {
  readonly client: Client;
  story(script: Script): Story;
  close(): Promise<void>;
}

/** A namespace of its own on the run's Temporal server, and a worker whose steps the tests answer. */
export async function openWorkflowWorld(): Promise<WorkflowWorld> {
  const file = process.env['TEST_STACK'] ?? '';
  if (file === '') throw new Error('TEST_STACK is not set: run this test through npm test, which starts the stack');
  const { temporalAddress } = JSON.parse(readFileSync(file, 'utf8')) as TestStack;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const namespace = `workflows-${randomUUID().slice(0, 8)}`;
  const connection = await Connection.connect({ address: temporalAddress });
  const native = await NativeConnection.connect({ address: temporalAddress });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  await until(async () => {
    await registerSearchAttributes(native, namespace);
    return true;
  });
  const client = new Client({ connection, namespace });
  const stories = new Map<string, LiveStory>();
  const directory = await mkdtemp(join(tmpdir(), 'workflows-'));
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, '../../workflows/index.ts'),
    workflowInterceptorModules: [join(import.meta.dirname, 'short-timers.ts')],
    logger: new DefaultLogger('ERROR'),
  });
  const activities = scriptedSteps(stories);
  const shared = { connection: native, namespace, activities, maxHeartbeatThrottleInterval: '100ms' } as const;
  const workers = await Promise.all([
    Worker.create({ ...shared, taskQueue: TASK_QUEUE, workflowBundle, stickyQueueScheduleToStartTimeout: '2s' }),
    Worker.create({ ...shared, taskQueue: POLL_TASK_QUEUE }),
  ]);
  const running = workers.map((worker) => worker.run());
  return {
    client,
    story: (script) => {
      const story = new LiveStory(client, script);
      stories.set(story.ref.name, story);
      return story;
    },
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await connection.close();
      await native.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

class LiveStory implements Story {
  readonly ref: ResourceRef = {
    group: 'tests',
    kind: 'Thing',
    namespace: 'default',
    name: `thing-${randomUUID().slice(0, 8)}`,
  };
  readonly steps: string[] = [];
  readonly script: Script;
  readonly #client: Client;
  readonly #inputs = new Map<string, unknown[]>();
  #generation = 1;

  constructor(client: Client, script: Script) {
    this.#client = client;
    this.script = script;
  }

  get target(): Target {
    return targetOf(this.ref, this.#generation);
  }

  inputs<K extends StepName>(name: K): readonly Parameters<Activities[K]>[0][] {
    return (this.#inputs.get(name) ?? []) as Parameters<Activities[K]>[0][];
  }

  async answer(name: StepName, input: unknown): Promise<unknown> {
    this.steps.push(name);
    const inputs = this.#inputs.get(name) ?? [];
    inputs.push(input);
    this.#inputs.set(name, inputs);
    const own = this.script[name] as ((input: unknown, call: number) => unknown) | undefined;
    if (own) return await own(input, inputs.length);
    return usual(name, this);
  }

  async tell(change: Partial<Change> = {}): Promise<void> {
    this.#generation = change.generation ?? this.#generation;
    const facts: Change = {
      uid: 'uid',
      generation: this.#generation,
      deleting: false,
      fingerprint: `generation ${this.#generation}`,
      dependencies: 'none',
      ...change,
    };
    await this.#client.workflow.signalWithStart(WORKFLOW_TYPE, {
      taskQueue: TASK_QUEUE,
      workflowId: workflowId(this.ref),
      args: [{ ref: this.ref }],
      signal: changed,
      signalArgs: [facts],
      workflowTaskTimeout: '5s',
    });
  }

  async retry(): Promise<void> {
    await this.handle().signal('retry');
  }

  handle(): WorkflowHandle {
    return this.#client.workflow.getHandle(workflowId(this.ref));
  }

  async result(): Promise<ReconcileResult> {
    return (await this.handle().result()) as ReconcileResult;
  }

  async called(name: StepName, times = 1): Promise<void> {
    await until(() => this.inputs(name).length >= times);
  }

  async runs(): Promise<number> {
    let count = 0;
    for await (const _ of this.#client.workflow.list({ query: `WorkflowId = "${workflowId(this.ref)}"` })) count += 1;
    return count;
  }
}

function targetOf(ref: ResourceRef, generation: number): Target {
  return {
    ref,
    uid: 'uid',
    generation,
    armId: `/subscriptions/s/resourceGroups/${ref.name}`,
    apiVersion: '2020-06-01',
  };
}

/** The results of the steps when everything succeeds at once. */
function usual(name: StepName, { target }: LiveStory): unknown {
  switch (name) {
    case 'resolveInputs':
      return applyPlan(target);
    case 'createOrUpdate':
    case 'pollProvisioning':
      return accepted(target);
    case 'fetchKeys':
      return { sealed: 'sealed' };
    case 'writeSecrets':
      return { exported: [{ kind: 'Secret', name: 'keys' }] };
    case 'deleteResource':
    case 'pollDeletion':
      return { result: 'gone' };
    default:
      return undefined;
  }
}

export function applyPlan(target: Target, more: Partial<Extract<Plan, { action: 'apply' | 'observe' }>> = {}): Plan {
  return { action: 'apply', target, inputs: [], exports: false, operation: false, ...more };
}

export function accepted({ generation, apiVersion }: Target): Awaited<ReturnType<Activities['createOrUpdate']>> {
  return { result: 'accepted', status: {}, applied: { generation, apiVersion, digest: 'd', settled: {} }, kept: [] };
}

/** A step that runs until it is cancelled, and notices the cancellation late. */
export async function untilCancelled(): Promise<never> {
  const beat = setInterval(() => Context.current().heartbeat(), 500);
  return await Context.current().cancelled.finally(() => clearInterval(beat));
}

/** A failure as `activities/run-step.ts` creates it. */
export function failure(type: string, options: { fatal?: boolean; retryInMs?: number } = {}): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message: `${type} of the test`,
    nonRetryable: options.fatal ?? false,
    ...(options.retryInMs !== undefined && { nextRetryDelay: options.retryInMs }),
    category: ApplicationFailureCategory.BENIGN,
  });
}

function scriptedSteps(
  stories: ReadonlyMap<string, LiveStory>,
): Record<StepName, (input: unknown) => Promise<unknown>> {
  const names: readonly StepName[] = [
    'resolveInputs',
    'createOrUpdate',
    'pollProvisioning',
    'fetchKeys',
    'writeSecrets',
    'patchReady',
    'deleteResource',
    'pollDeletion',
    'releaseFinalizer',
    'reportFailure',
  ];
  const step =
    (name: StepName) =>
    async (input: unknown): Promise<unknown> => {
      const { ref, target } = input as { ref?: ResourceRef; target?: Target };
      const story = stories.get((ref ?? target?.ref)?.name ?? '');
      if (!story) throw new Error('a step of an unknown story');
      try {
        return await story.answer(name, input);
      } catch (error) {
        // As run-step.ts does: a local activity has no retry delay.
        if (!Context.current().info.isLocal || !(error instanceof ApplicationFailure)) throw error;
        const { type, message, nonRetryable } = error;
        throw ApplicationFailure.create({ ...(type && { type }), message, nonRetryable: nonRetryable ?? false });
      }
    };
  return Object.fromEntries(names.map((name) => [name, step(name)])) as Record<
    StepName,
    (input: unknown) => Promise<unknown>
  >;
}

/** Polls until the condition holds. */
export async function until(ask: () => Promise<boolean> | boolean, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await Promise.resolve()
      .then(ask)
      .catch((error: unknown) => {
        if (Date.now() > deadline) throw error;
        return false;
      });
    if (answer) return;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
