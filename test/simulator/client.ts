import { Agent, request } from 'node:https';
import type { Json } from '../../simulator/json.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The parsed body; null when it is empty. */
  readonly json: Json;
}

export interface Client {
  /** `path` may be an absolute URL. */
  call(method: string, path: string, body?: Json, headers?: Record<string, string>): Promise<Answer>;
  close(): void;
}

/** A plain HTTPS client that trusts the simulator's CA and sends some bearer token. */
export function clientFor(simulator: { url: string; caPem: string }): Client {
  const agent = new Agent({ keepAlive: true, ca: simulator.caPem });
  const call = (
    method: string,
    path: string,
    body?: Json,
    headers: Record<string, string> = { authorization: 'Bearer t' },
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, simulator.url),
        { method, agent, headers: { 'content-type': 'application/json', ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              json: text.startsWith('{') ? JSON.parse(text) : null,
            });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
    });
  return { call, close: () => agent.destroy() };
}
