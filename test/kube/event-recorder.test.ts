import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../kube/contract.ts';
import { kubeClientOn } from '../../kube/client.ts';
import { EventRecorder } from '../../kube/event-recorder.ts';
import type { EventInput } from '../../kube/events.ts';

/** An API server that takes its time is what the recorder is made for; the real one is in test/cluster/events.test.ts. */
describe('the recorder of events', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  const event = (note: string): EventInput => ({
    regarding: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n', name: 'x', uid: 'u' },
    type: 'Normal',
    reason: 'Ready',
    action: 'Reconcile',
    note,
  });

  async function recorderOn(
    answerAfterMs: number,
  ): Promise<{ recorder: EventRecorder; got: JsonObject[]; most: () => number }> {
    const got: JsonObject[] = [];
    let open = 0;
    let most = 0;
    server = createServer((request, response) => {
      open += 1;
      most = Math.max(most, open);
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        void sleep(answerAfterMs, undefined, { ref: false }).then(() => {
          open -= 1;
          got.push(JSON.parse(body) as JsonObject);
          response.end('{}');
        });
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { Agent } = await import('undici');
    const agent = new Agent();
    const client = kubeClientOn({
      send: async ({ method, path, headers, body, signal }) =>
        await agent.request({
          origin: `http://127.0.0.1:${port}`,
          method: method,
          path,
          headers: headers ?? {},
          body: body ?? null,
          signal: signal ?? null,
        }),
      close: async () => await agent.destroy(),
    });
    return { recorder: new EventRecorder(client), got, most: () => most };
  }

  it('does not wait; drain waits for what was recorded, a few at a time, in the order of their times', async () => {
    const { recorder, got, most } = await recorderOn(5);
    for (let count = 0; count < 40; count += 1) recorder.record(event(`note ${count}`));
    expect(got).toEqual([]);
    await recorder.drain(30_000);
    const times = got.map(({ note, eventTime }) => ({
      note: Number(String(note).slice(5)),
      eventTime: String(eventTime),
    }));
    expect(times).toHaveLength(40);
    const byTime = times.toSorted((a, b) => a.eventTime.localeCompare(b.eventTime)).map(({ note }) => note);
    expect(byTime).toEqual([...Array(40).keys()]);
    expect(new Set(times.map(({ eventTime }) => eventTime)).size).toBe(40);
    expect(most()).toBeLessThanOrEqual(4);
  });

  it('drain gives up after its time, and nothing is recorded afterwards', async () => {
    const { recorder, got } = await recorderOn(60_000);
    recorder.record(event('late'));
    const start = performance.now();
    await recorder.drain(200);
    expect(performance.now() - start).toBeLessThan(1_000);
    recorder.record(event('after the end'));
    await sleep(50);
    expect(got).toEqual([]);
  });
});
