import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { apiServerProblem } from '../../kube/api-server-reachable.ts';
import { createKubeClient } from '../../kube/client.ts';

describe('why the API server does not answer', () => {
  let directory: string;
  let server: Server | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'reachable-'));
  });
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  async function problemOf(listener: RequestListener | undefined): Promise<string | undefined> {
    let port = 1;
    if (listener) {
      server = createServer(listener);
      port = await new Promise<number>((resolve) => {
        server!.listen(0, '127.0.0.1', () => resolve((server!.address() as AddressInfo).port));
      });
    }
    const kubeconfig = join(directory, 'kubeconfig');
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: { token: 'hunter2' } }],
      }),
    );
    const kube = await createKubeClient({ kubeconfig });
    try {
      return await apiServerProblem(kube);
    } finally {
      await kube.close();
    }
  }

  it.each<[string, RequestListener | undefined, string | undefined]>([
    ['it is ready', (_request, answer) => answer.end('ok'), undefined],
    ['the right was taken away: a refusal is an answer', (_request, answer) => answer.writeHead(403).end(), undefined],
    [
      'it refuses the credential',
      (_request, answer) => answer.writeHead(401).end(),
      'cannot GET /readyz: 401 Unauthorized',
    ],
    [
      'it is not ready itself',
      (_request, answer) => answer.writeHead(500).end('[-]etcd failed'),
      'cannot GET /readyz: 500 HTTP500',
    ],
    ['nobody listens', undefined, 'cannot GET /readyz: Unreachable'],
    ['it says nothing', () => undefined, 'no answer within 2.5 s'],
  ])(
    '%s',
    async (_why, listener, problem) => {
      // jest's own Error class hides the code of a socket's error.
      expect((await problemOf(listener))?.replace(/: ECONNREFUSED$/, '')).toBe(problem);
    },
    20_000,
  );
});
