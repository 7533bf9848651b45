import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, request, type Dispatcher } from 'undici';

import { loadKubeConfig } from './config.ts';
import { noAnswer } from './errors.ts';

interface TransportRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** The time limit for the response headers. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** HTTP to the API server over one keep-alive pool per process. Credentials are refreshed automatically. */
export interface Transport {
  send(call: TransportRequest): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

export interface TransportOptions {
  /** A kubeconfig file. @default KUBECONFIG, then ~/.kube/config, then the pod's service account */
  readonly kubeconfig?: string | undefined;
  /** @default 'azure-temporal-operator' */
  readonly userAgent?: string | undefined;
}

/**
 * Opens the pool. It uses HTTP/1.1: with HTTP/2, parallel calls measured ten times slower, and one half-open session
 * stalls all of them.
 */
export async function openTransport(options: TransportOptions = {}): Promise<Transport> {
  const config = await loadKubeConfig(options);
  const server = (config.getCurrentCluster()?.server ?? '').replace(/\/+$/, '');
  const agent = await openAgent(config);
  const userAgent = options.userAgent ?? 'azure-temporal-operator';
  return {
    send: async (call) => {
      try {
        const credentials = await credentialHeaders(config);
        return await request(`${server}${call.path}`, {
          method: call.method,
          headers: { accept: 'application/json', 'user-agent': userAgent, ...call.headers, ...credentials },
          body: call.body ?? null,
          // Without it, undici closes the connection after each DELETE that has a body.
          reset: false,
          dispatcher: agent,
          headersTimeout: call.timeoutMs,
          // The reader of a stream has its own timeout.
          bodyTimeout: 0,
          ...(call.signal ? { signal: call.signal } : {}),
        });
      } catch (error) {
        const timedOut = error instanceof Error && 'code' in error && isTimeout(error.code);
        throw noAnswer({ ...call, error, aborted: call.signal?.aborted ?? false, timedOut });
      }
    },
    close: () => agent.destroy(),
  };
}

async function openAgent(config: KubeConfig): Promise<Agent> {
  const tls: TlsOptions = {};
  await config.applyToHTTPSOptions(tls);
  return new Agent({
    allowH2: false,
    keepAliveTimeout: 30_000,
    connect: {
      timeout: 5000,
      ...(tls.ca ? { ca: tls.ca } : {}),
      ...(tls.cert ? { cert: tls.cert } : {}),
      ...(tls.key ? { key: tls.key } : {}),
      ...(tls.servername ? { servername: tls.servername } : {}),
      ...(tls.rejectUnauthorized === false ? { rejectUnauthorized: false } : {}),
    },
  });
}

/** Computed for each call, because the token of a service account rotates every hour. */
async function credentialHeaders(config: KubeConfig): Promise<Record<string, string>> {
  const options: TlsOptions = {};
  await config.applyToHTTPSOptions(options);
  const basic = options.auth ? { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` } : {};
  return { ...basic, ...options.headers };
}

function isTimeout(code: unknown): boolean {
  return code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
}

/** The part of https.RequestOptions that client-node fills in. */
interface TlsOptions {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  servername?: string;
  rejectUnauthorized?: boolean;
  auth?: string;
  headers?: Record<string, string>;
}
