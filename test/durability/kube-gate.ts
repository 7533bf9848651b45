import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:https';
import { readFileSync, writeFileSync } from 'node:fs';

/** Where a request is held: on its way to the API server, or its answer on the way back. */
export type HoldPoint = 'request' | 'answer';

interface Held {
  /** Resolves when a request has run into the trap. */
  readonly caught: Promise<void>;
  remove(): void;
}

export interface KubeGate {
  /** A kubeconfig that leads through the gate. */
  readonly kubeconfig: string;
  /** The next request that matches gets no answer, for as long as its sender lives. */
  hold(point: HoldPoint, matches: (method: string, path: string, body: string) => boolean): Held;
  close(): void;
}

interface Trap {
  readonly point: HoldPoint;
  readonly matches: (method: string, path: string, body: string) => boolean;
  readonly catch: () => void;
}

/** A step on the Kubernetes API takes milliseconds. The gate between worker and API server stops time in the middle of one chosen request. */
export async function startKubeGate(kubeconfig: string, gatedKubeconfig: string): Promise<KubeGate> {
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
  const { server: target, 'certificate-authority-data': ca } = config.clusters[0].cluster;
  const traps = new Set<Trap>();

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = '', url = '', headers } = incoming;
    const trap = [...traps].find(({ matches }) => matches(method, url, body.toString()));
    if (trap !== undefined) traps.delete(trap);
    if (trap?.point === 'request') {
      trap.catch();
      return;
    }
    const forwarded = request(
      target + url,
      { method, headers: { ...headers, host: new URL(target).host }, ca: Buffer.from(ca, 'base64') },
      (answer) => {
        if (trap !== undefined) {
          answer.resume();
          answer.once('end', trap.catch);
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => {
      if (trap === undefined) forwarded.destroy();
    });
    forwarded.end(body);
  };

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  config.clusters[0].cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  writeFileSync(gatedKubeconfig, JSON.stringify(config), { mode: 0o600 });
  return {
    kubeconfig: gatedKubeconfig,
    hold: (point, matches) => {
      const { promise: caught, resolve } = Promise.withResolvers<void>();
      const trap: Trap = { point, matches, catch: resolve };
      traps.add(trap);
      return { caught, remove: () => void traps.delete(trap) };
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
