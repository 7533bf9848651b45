import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';

import { noAnswer } from '../../kube/errors.ts';
import type { Transport } from '../../kube/transport.ts';

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface FakeApi extends AsyncDisposable {
  readonly transport: Transport;
  readonly seen: string[];
  readonly accepts: (string | undefined)[];
}

/** A server on a real socket that gives the nth LIST and the nth WATCH the nth answer; the last one is given again. */
export async function fakeApi(script: { list: Answer[]; watch: Answer[] }): Promise<FakeApi> {
  const seen: string[] = [];
  const accepts: (string | undefined)[] = [];
  const counts = { list: 0, watch: 0 };
  const server = createServer((req, res) => {
    const verb = req.url?.includes('watch=true') ? 'watch' : 'list';
    seen.push(
      verb === 'list' ? 'list' : `watch ${new URL(req.url ?? '', 'http://x').searchParams.get('resourceVersion')}`,
    );
    accepts.push(req.headers.accept);
    const answers = script[verb];
    answers[Math.min(counts[verb]++, answers.length - 1)]!(res, req);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new Agent({ allowH2: false });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport: Transport = {
    send: async (call) => {
      try {
        return await request(`${base}${call.path}`, {
          method: call.method,
          headers: call.headers ?? {},
          body: call.body ?? null,
          dispatcher: agent,
          headersTimeout: call.timeoutMs,
          bodyTimeout: 0,
          ...(call.signal ? { signal: call.signal } : {}),
        });
      } catch (error) {
        throw noAnswer({ ...call, error, aborted: call.signal?.aborted ?? false, timedOut: false });
      }
    },
    close: () => agent.destroy(),
  };
  return {
    transport,
    seen,
    accepts,
    [Symbol.asyncDispose]: async () => {
      await agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function thing(name: string, resourceVersion: string, uid = name): object {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace: 'n', uid, resourceVersion } };
}

export const answers = {
  list:
    (resourceVersion: string, ...items: object[]): Answer =>
    (res) => {
      res.end(JSON.stringify({ metadata: { resourceVersion }, items }));
    },
  refuse:
    (status: number, headers: Record<string, string> = {}): Answer =>
    (res) => {
      res.writeHead(status, headers).end('{}');
    },
  reset: (): Answer => (res) => {
    res.socket?.resetAndDestroy();
  },
  /** Events, then: the end, an open stream, a reset. */
  events:
    (events: { type: string; object: object }[], then: 'end' | 'open' | 'reset', tail = ''): Answer =>
    (res) => {
      res.writeHead(200);
      res.write(events.map((event) => `${JSON.stringify(event)}\n`).join('') + tail);
      if (then === 'end') res.end();
      if (then === 'reset') setTimeout(() => res.socket?.resetAndDestroy(), 30);
    },
};
