import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeApi } from '../../dev/kube-api.ts';
import type { LiveObject, Manifest, ObjectKey, ReadyCondition } from '../../dev/kube-api.ts';
import type { TestStack } from './run-stack.ts';

/** A test's hold on the stack that all tests of a run share. Each test keeps to its own namespace and its own subscription. */
export interface TestEnvironment {
  readonly stack: TestStack;
  readonly kube: KubeApi;
  /** A new namespace with a name that no other test has. */
  createNamespace(prefix?: string): Promise<string>;
  /** Server-side apply of one manifest. */
  apply(manifest: Manifest): Promise<LiveObject>;
  /** Gives the namespace its own credential Secret (`aso-credential`) and so its own subscription in the simulator. */
  useSubscription(namespace: string): Promise<Subscription>;
  /** Waits until the Ready condition of the present generation is as wanted; the error tells what it was instead. */
  waitForCondition(key: ObjectKey, wanted: Partial<ReadyCondition>, timeoutMs?: number): Promise<LiveObject>;
  waitForReady(key: ObjectKey, timeoutMs?: number): Promise<LiveObject>;
  waitForGone(key: ObjectKey, timeoutMs?: number): Promise<void>;
  /** Closes connections. The stack stays: it belongs to the test runner. */
  close(): void;
}

export interface Subscription {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const TIMEOUT_MS = 30_000;

/** @throws Error when TEST_STACK does not name a running stack's file: run through `npm test`, which starts one. */
export function connectEnvironment(): TestEnvironment {
  const file = process.env['TEST_STACK'];
  if (file === undefined || file === '')
    throw new Error('TEST_STACK is not set: run this test through npm test, which starts the stack');
  return environmentOf(JSON.parse(readFileSync(file, 'utf8')) as TestStack);
}

/** The same for a stack that the test has started by itself with `startTestStack`. */
function environmentOf(stack: TestStack): TestEnvironment {
  const kube = new KubeApi(stack.kubeconfig);
  const waitForCondition: TestEnvironment['waitForCondition'] = async (key, wanted, timeoutMs = TIMEOUT_MS) => {
    let last: LiveObject | undefined;
    try {
      return await waitFor(async () => {
        last = await kube.get(key);
        return last !== undefined && conditionMatches(last, wanted) ? last : undefined;
      }, timeoutMs);
    } catch (error) {
      const was = JSON.stringify(last === undefined ? 'not there' : (readyOf(last) ?? 'no Ready condition'));
      throw new Error(`${key.kind}/${key.name}: wanted ${JSON.stringify(wanted)}, was ${was}`, { cause: error });
    }
  };
  return {
    stack,
    kube,
    createNamespace: async (prefix = 'test') => {
      const name = `${prefix}-${randomUUID().slice(0, 8)}`;
      await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      return name;
    },
    apply: async (manifest) => await kube.apply(manifest),
    useSubscription: async (namespace) => await createCredential(kube, namespace),
    waitForCondition,
    waitForReady: async (key, timeoutMs) => await waitForCondition(key, { status: 'True' }, timeoutMs),
    waitForGone: async (key, timeoutMs = TIMEOUT_MS) => {
      await waitFor(async () => ((await kube.get(key)) === undefined ? true : undefined), timeoutMs);
    },
    close: () => kube.close(),
  };
}

/** Asks until the answer is neither undefined nor false. A test states what it waits for instead of sleeping. */
export async function waitFor<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = TIMEOUT_MS,
  intervalMs = 50,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms`);
    await sleep(intervalMs);
  }
}

export function readyOf(object: LiveObject): ReadyCondition | undefined {
  return object.status?.conditions?.find(({ type }) => type === 'Ready');
}

/** An object's key, for the calls that take one. */
export function keyOf(manifest: Manifest): ObjectKey {
  const { apiVersion, kind, metadata } = manifest;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  };
}

function conditionMatches(object: LiveObject, wanted: Partial<ReadyCondition>): boolean {
  const condition = readyOf(object);
  if (condition === undefined) return false;
  if (condition.observedGeneration !== undefined && condition.observedGeneration !== object.metadata.generation)
    return false;
  return Object.entries(wanted).every(([field, value]) => condition[field as keyof ReadyCondition] === value);
}

async function createCredential(kube: KubeApi, namespace: string): Promise<Subscription> {
  const subscription: Subscription = {
    subscriptionId: randomUUID(),
    tenantId: randomUUID(),
    clientId: randomUUID(),
    clientSecret: `secret-${randomUUID()}`,
  };
  const values = {
    AZURE_SUBSCRIPTION_ID: subscription.subscriptionId,
    AZURE_TENANT_ID: subscription.tenantId,
    AZURE_CLIENT_ID: subscription.clientId,
    AZURE_CLIENT_SECRET: subscription.clientSecret,
  };
  // `data`, not `stringData`: applied, the latter owns a field of which nothing is ever removed.
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  await kube.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'aso-credential', namespace }, data });
  return subscription;
}
