import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { unreachableTemporal } from '../../process/temporal-reachable.ts';

describe('why Temporal does not answer', () => {
  let server: Server | undefined;
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server?.close();
  });
  const problemOf = async (address: string): Promise<string | undefined> => {
    const connection = Connection.lazy({ address, interceptors: [] });
    try {
      return await unreachableTemporal(connection, { address, namespace: 'default' });
    } finally {
      await connection.close();
    }
  };

  it('before there is a connection', async () => {
    const place = { address: 'temporal:7233', namespace: 'default' };
    expect(await unreachableTemporal(undefined, place)).toBe(
      'not connected to temporal:7233 yet (check TEMPORAL_ADDRESS)',
    );
  });

  it('nobody listens', async () => {
    expect(await problemOf('127.0.0.1:1')).toMatch(/^no answer from 127\.0\.0\.1:1; .*check TEMPORAL_ADDRESS/);
  });

  it('somebody listens and says nothing', async () => {
    server = createServer((socket) => void sockets.add(socket));
    const port = await new Promise<number>((resolve) => {
      server!.listen(0, '127.0.0.1', () => resolve((server!.address() as AddressInfo).port));
    });
    const started = performance.now();
    expect(await problemOf(`127.0.0.1:${port}`)).toMatch(/^no answer from 127\.0\.0\.1:\d+; .*check TEMPORAL_ADDRESS/);
    expect(performance.now() - started).toBeLessThan(5_000);
  }, 15_000);
});
