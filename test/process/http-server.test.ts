import { createServer } from 'node:net';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  plain,
  readHttpAddress,
  startHttpServer,
  type HttpAddress,
  type HttpServer,
} from '../../process/http-server.ts';

describe('HTTP_ADDRESS', () => {
  it.each<[string | undefined, HttpAddress | undefined, string]>([
    [undefined, { host: '0.0.0.0', port: 8081 }, 'the default: all addresses of the pod'],
    ['', { host: '0.0.0.0', port: 8081 }, 'an empty variable counts as absent'],
    ['127.0.0.1:9090', { host: '127.0.0.1', port: 9090 }, 'one address'],
    [' [::]:8081 ', { host: '::', port: 8081 }, 'IPv6, without its brackets for Node'],
    ['localhost:0', { host: 'localhost', port: 0 }, 'a name, and any free port'],
    ['off', undefined, 'nothing is served'],
  ])('%j is %j: %s', (text, address) => {
    expect(readHttpAddress(text === undefined ? {} : { HTTP_ADDRESS: text }, 'worker')).toEqual(address);
  });

  it.each([
    ['8081', 'a port without an address'],
    [':8081', 'an address is missing'],
    ['0.0.0.0', 'a port is missing'],
    ['0.0.0.0:65536', 'a port that does not exist'],
    ['http://0.0.0.0:8081', 'a URL'],
    ['::8081', 'IPv6 without brackets'],
    ['no', 'only "off" switches it off'],
  ])('%j is refused, with the name of the variable: %s', (text) => {
    expect(() => readHttpAddress({ HTTP_ADDRESS: text }, 'watcher')).toThrow(
      `HTTP_ADDRESS is "${text}"; it must be an address and a port, such as 0.0.0.0:8081 or [::]:8081, or "off"`,
    );
  });
});

describe('the HTTP server', () => {
  let server: HttpServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  const start = async (): Promise<string> => {
    server = await startHttpServer(
      { host: '127.0.0.1', port: 0 },
      {
        '/fine': (query) => Promise.resolve(plain(200, query.has('loud') ? 'FINE' : 'fine')),
        '/broken': () => Promise.reject(new Error('hunter2')),
      },
    );
    return `http://${server.address}`;
  };
  const ask = async (url: string, method = 'GET'): Promise<[number, string]> => {
    const answer = await fetch(url, { method });
    return [answer.status, await answer.text()];
  };

  it('answers by path', async () => {
    const url = await start();
    expect(await ask(`${url}/fine`)).toEqual([200, 'fine']);
    expect(await ask(`${url}/fine?loud`)).toEqual([200, 'FINE']);
    expect(await ask(`${url}/fine`, 'HEAD')).toEqual([200, '']);
    expect(await ask(`${url}/fine`, 'POST')).toEqual([405, 'only GET and HEAD\n']);
    expect(await ask(`${url}/other`)).toEqual([404, 'not found; this process serves /fine, /broken\n']);
    expect(await ask(`${url}/toString`)).toEqual([404, 'not found; this process serves /fine, /broken\n']);
  });

  it('says nothing of an error but that there was one', async () => {
    const url = await start();
    expect(await ask(`${url}/broken`)).toEqual([500, 'the answer could not be made\n']);
  });

  it('survives a path that is no URL', async () => {
    const { hostname, port } = new URL(await start());
    const status = await new Promise((resolve, reject) => {
      request({ hostname, port, path: '//[' }, (answer) => resolve(answer.resume().statusCode))
        .once('error', reject)
        .end();
    });
    expect(status).toBe(404);
  });

  it('names the setting when the port is in use', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    try {
      await expect(startHttpServer({ host: '127.0.0.1', port }, {})).rejects.toThrow(
        `cannot listen on HTTP_ADDRESS 127.0.0.1:${port}: another process listens there; set HTTP_ADDRESS to another address and port, or to "off"`,
      );
    } finally {
      other.close();
    }
  });

  it('names the setting when the machine does not have the address', async () => {
    await expect(startHttpServer({ host: '203.0.113.1', port: 8081 }, {})).rejects.toThrow(
      'cannot listen on HTTP_ADDRESS 203.0.113.1:8081: this machine does not have the address (EADDRNOTAVAIL)',
    );
  });

  it('ends while a client keeps its connection open', async () => {
    const url = await start();
    await ask(`${url}/fine`);
    const started = performance.now();
    await server!.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    server = undefined;
    await expect(fetch(url)).rejects.toThrow();
  });
});
