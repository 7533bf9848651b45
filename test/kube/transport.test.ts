import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createKubeClient } from '../../kube/client.ts';

describe('the transport', () => {
  let server: Server;
  let directory: string;
  let kubeconfig: string;
  let connections = 0;

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      request.on('end', () => response.setHeader('content-type', 'application/json').end('{"metadata":{"uid":"1"}}'));
    });
    server.on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    directory = await mkdtemp(join(tmpdir(), 'transport-'));
    kubeconfig = join(directory, 'kubeconfig');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const config = {
      clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    await writeFile(kubeconfig, JSON.stringify(config));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true, force: true });
  });

  // A TLS handshake is dearer than most requests, and each deletion of a resource deletes a Lease by its uid.
  it('keeps its connection after every method, after a DELETE with a body too', async () => {
    const kube = await createKubeClient({ kubeconfig });
    const lease = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', namespace: 'n', name: 'l' };
    for (let time = 0; time < 10; time += 1) {
      await kube.get(lease);
      await kube.create(lease, { kind: 'Lease' });
      await kube.mergePatch(lease, { spec: {} }, { fieldManager: 'm' });
      await kube.delete(lease, { uid: '1' });
      await kube.delete(lease);
    }
    await kube.close();
    // A request that begins in the moment in which another ends may open a second one.
    expect(connections).toBeLessThanOrEqual(3);
  });
});
