import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createKubeClient } from '../../kube/client.ts';
import type { KubeClient } from '../../kube/contract.ts';
import { emitEvent, type EventInput } from '../../kube/events.ts';
import { connectEnvironment, type TestEnvironment } from '../support/environment.ts';

interface Event {
  readonly metadata: { readonly name: string };
  readonly note: string;
  readonly reason: string;
  readonly regarding: { readonly uid: string };
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}

describe('an event', () => {
  let env: TestEnvironment;
  let client: KubeClient;
  let namespace: string;
  beforeAll(async () => {
    env = connectEnvironment();
    client = await createKubeClient({ kubeconfig: env.stack.kubeconfig });
    namespace = await env.createNamespace('events');
  }, 30_000);
  afterAll(async () => {
    await client.close();
    env.close();
  });

  /** A ConfigMap stands in for a resource: an event may be about anything. */
  const about = async (name: string): Promise<EventInput> => {
    const { metadata } = await env.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } });
    return {
      regarding: { apiVersion: 'v1', kind: 'ConfigMap', namespace, name, uid: metadata.uid },
      type: 'Warning',
      reason: 'QuotaExceeded',
      note: 'Azure refuses: the quota of the subscription is used up',
      action: 'Apply',
    };
  };
  const eventsAbout = async ({ regarding }: EventInput): Promise<Event[]> => {
    const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    const { items } = (await env.kube.call('GET', path)) as { items: Event[] };
    return items.filter((event) => event.regarding.uid === regarding.uid);
  };

  it('is what kubectl shows of the object', async () => {
    const input = await about('seen');
    expect(await emitEvent(client, input)).toBe(true);
    const { binaries, kubeconfig } = env.stack;
    const args = ['--kubeconfig', kubeconfig, '--namespace', namespace, 'events', '--for', 'configmap/seen'];
    const { stdout } = await promisify(execFile)(binaries.kubectl, args);
    expect(stdout).toMatch(/Warning\s+QuotaExceeded\s+ConfigMap\/seen\s+Azure refuses: the quota of the subscription/);
  });

  it('that repeats is one object that counts; another note, reason or object of that name is another', async () => {
    const input = await about('repeated');
    for (let time = 0; time < 3; time += 1) expect(await emitEvent(client, input)).toBe(true);
    const [event, ...more] = await eventsAbout(input);
    expect(more).toEqual([]);
    expect(event?.series?.count).toBe(3);
    expect(Date.now() - Date.parse(event?.series?.lastObservedTime ?? '')).toBeLessThan(60_000);

    await emitEvent(client, { ...input, note: 'another' });
    await emitEvent(client, { ...input, reason: 'Another' });
    expect(await eventsAbout(input)).toHaveLength(3);
    const again = { ...input, regarding: { ...input.regarding, uid: 'of-a-new-object' } };
    await emitEvent(client, again);
    expect(await eventsAbout(again)).toHaveLength(1);
  });

  it.each([
    ['a note of 5 kB', { note: 'n'.repeat(5000) }],
    ['a note whose kilobyte ends within a character', { note: `${'n'.repeat(1020)}ü€😀${'n'.repeat(50)}` }],
    ['a reason and an action that are too long', { reason: 'R'.repeat(300), action: 'A'.repeat(300) }],
  ])('is cut where the API server would refuse it: %s', async (_, part) => {
    const input = { ...(await about(`long-${String(Date.now())}`)), ...part };
    expect(await emitEvent(client, input)).toBe(true);
    const [event] = await eventsAbout(input);
    expect(event?.note).not.toContain('\u{FFFD}');
    expect(Buffer.byteLength(event?.note ?? '')).toBeLessThanOrEqual(1024);
  });

  it('about an object with the longest name has a valid name: cut at a dot, it would end with one', async () => {
    const input = await about(`${'a'.repeat(235)}.${'b'.repeat(17)}`);
    expect(await emitEvent(client, input)).toBe(true);
    expect(await eventsAbout(input)).toHaveLength(1);
  });

  it('about a cluster-scoped object is written too', async () => {
    const input = await about('unused');
    const regarding = { apiVersion: 'v1', kind: 'Namespace', name: namespace, uid: `of-${namespace}` };
    expect(await emitEvent(client, { ...input, regarding })).toBe(true);
  });

  it('that cannot be written is dropped without an error', async () => {
    const input = await about('dropped');
    const regarding = { ...input.regarding, namespace: 'no-such-namespace' };
    expect(await emitEvent(client, { ...input, regarding })).toBe(false);
    expect(await emitEvent(client, input, { signal: AbortSignal.abort() })).toBe(false);
  });
});
