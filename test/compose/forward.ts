import { createServer, connect, type AddressInfo, type Server } from 'node:net';

/** A port on all addresses of this machine that leads to one on its loopback address: containers reach only the former. */
export async function forward(port: number): Promise<{ readonly port: number; close(): void }> {
  const server: Server = createServer((inside) => {
    const outside = connect(port, '127.0.0.1');
    inside.pipe(outside).pipe(inside);
    // The other side sees the end of the connection, whatever ended this one.
    inside.on('error', () => outside.destroy());
    outside.on('error', () => inside.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
