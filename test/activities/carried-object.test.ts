import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CarriedObjects, carryingKube } from '../../activities/carried-object.ts';
import { createKubeClient } from '../../kube/client.ts';
import type { KubeClient, KubeObject } from '../../kube/contract.ts';

const object = (resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'x', namespace: 'n', uid: 'u', resourceVersion },
});
const PATH = { group: 'g', version: 'v1', plural: 'things', namespace: 'n', name: 'x' };
const URL_PATH = '/apis/g/v1/namespaces/n/things/x';
const HOW = { fieldManager: 'test' };

describe('what is carried from one step to the next', () => {
  let now = 0;
  it.each([
    { why: 'a step that begins at once gets it', afterMs: 100, expected: '1' },
    { why: 'what is older is read again', afterMs: 2_001, expected: undefined },
  ])('$why', ({ afterMs, expected }) => {
    const carried = new CarriedObjects(() => now);
    carried.put('a', object('1'));
    now += afterMs;
    expect(carried.take('a')?.metadata.resourceVersion).toBe(expected);
  });

  it('is handed over once', () => {
    const carried = new CarriedObjects(() => now);
    carried.put('a', object('1'));
    carried.take('a');
    expect(carried.take('a')).toBeUndefined();
  });
});

/** Answers GET with version 10, PATCH with 11, and refuses a PATCH whose body says so. */
describe('the client of a step', () => {
  let server: Server;
  let kube: KubeClient;
  let directory: string;
  let seen: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(`${String(request.method)} ${String(request.url).split('?')[0]}`);
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        response.statusCode = body.includes('conflict') ? 409 : 200;
        response.end(JSON.stringify(object(request.method === 'GET' ? '10' : '11')));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    directory = await mkdtemp(join(tmpdir(), 'carried-'));
    const kubeconfig = join(directory, 'kubeconfig');
    const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    await writeFile(
      kubeconfig,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: address, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: {} }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'c',
      }),
    );
    kube = await createKubeClient({ kubeconfig });
  });
  beforeEach(() => {
    seen = [];
  });
  afterAll(async () => {
    await kube?.close();
    server?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('reads nothing the first time, and for itself the second', async () => {
    const carrying = carryingKube(kube, { path: URL_PATH, carried: object('1') });
    expect((await carrying.kube.get(PATH))?.metadata.resourceVersion).toBe('1');
    expect(seen).toEqual([]);
    expect((await carrying.kube.get(PATH))?.metadata.resourceVersion).toBe('10');
    expect(carrying.latest()?.metadata.resourceVersion).toBe('10');
  });

  it('hands on what the server answered to its write', async () => {
    const carrying = carryingKube(kube, { path: URL_PATH, carried: object('1') });
    await carrying.kube.get(PATH);
    await carrying.kube.jsonPatch({ ...PATH, subresource: 'status' }, [], HOW);
    expect(carrying.latest()?.metadata.resourceVersion).toBe('11');
  });

  it('hands on nothing, and reads again, when a write was refused: somebody else has written', async () => {
    const carrying = carryingKube(kube, { path: URL_PATH, carried: object('1') });
    await expect(carrying.kube.mergePatch(PATH, { conflict: true }, HOW)).rejects.toThrow();
    expect(carrying.latest()).toBeUndefined();
    expect((await carrying.kube.get(PATH))?.metadata.resourceVersion).toBe('10');
  });

  it('does not take another object for it', async () => {
    const carrying = carryingKube(kube, { path: URL_PATH, carried: object('1') });
    await carrying.kube.get({ ...PATH, name: 'y' });
    expect(seen).toEqual(['GET /apis/g/v1/namespaces/n/things/y']);
    expect(carrying.latest()).toBeUndefined();
  });
});
