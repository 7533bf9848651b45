import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that can be cut. */
export interface TcpGate {
  readonly address: string;
  /** Ends all connections, and lets no new one through: as if the server had gone. */
  cut(): void;
  /** Keeps all connections, and lets no byte through: as if the network dropped everything. */
  freeze(): void;
  open(): void;
  close(): void;
}

/** @param target `host:port` */
export async function startTcpGate(target: string): Promise<TcpGate> {
  const [host = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let state: 'open' | 'cut' | 'frozen' = 'open';
  const server = createServer((inner) => {
    if (state === 'cut') {
      inner.destroy();
      return;
    }
    const outer = connect({ host, port: Number(port) });
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (bytes) => {
        if (state === 'open') other.write(bytes);
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  const address = await new Promise<AddressInfo>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address() as AddressInfo));
  });
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${String(address.port)}`,
    cut: () => {
      state = 'cut';
      destroyAll();
    },
    freeze: () => {
      state = 'frozen';
    },
    open: () => {
      // Bytes were lost on the connections that there are.
      if (state === 'frozen') destroyAll();
      state = 'open';
    },
    close: () => {
      destroyAll();
      server.close();
    },
  };
}

/** A gate before the API server, and a kubeconfig that leads through it. */
export async function startApiServerGate(kubeconfig: string, gatedKubeconfig: string): Promise<TcpGate> {
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
  const { cluster } = config.clusters[0];
  const gate = await startTcpGate(new URL(cluster.server).host);
  // Its certificate is for 127.0.0.1, whatever the port.
  cluster.server = `https://${gate.address}`;
  writeFileSync(gatedKubeconfig, JSON.stringify(config), { mode: 0o600 });
  return gate;
}
