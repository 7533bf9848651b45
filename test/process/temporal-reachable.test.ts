import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { temporalProblem } from '../../process/temporal-reachable.ts';

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
      return await temporalProblem(connection);
    } finally {
      await connection.close();
    }
  };

  it('before there is a connection', async () => {
    expect(await temporalProblem(undefined)).toBe('not connected yet (check TEMPORAL_ADDRESS)');
  });

  it('nobody listens', async () => {
    expect(await problemOf('127.0.0.1:1')).toBe(
      "Temporal's frontend: it cannot be reached (UNAVAILABLE); check TEMPORAL_ADDRESS and the server",
    );
  });

  it('somebody listens and says nothing', async () => {
    server = createServer((socket) => void sockets.add(socket));
    const port = await new Promise<number>((resolve) => {
      server!.listen(0, '127.0.0.1', () => resolve((server!.address() as AddressInfo).port));
    });
    const started = performance.now();
    expect(await problemOf(`127.0.0.1:${port}`)).toBe(
      "Temporal's frontend: no answer in time; check TEMPORAL_ADDRESS and the server",
    );
    expect(performance.now() - started).toBeLessThan(5_000);
  }, 15_000);
});
