import { rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { certificatesIn } from './certificates.ts';
import { Faults } from './faults.ts';
import type { SimulatorState } from './gateway.ts';
import { Operations, UrlSigner } from './operations.ts';
import { RequestLog } from './request-log.ts';
import { Rights } from './rights.ts';
import { handle } from './server.ts';
import { Settings } from './settings.ts';
import { Store } from './store.ts';
import { Throttle } from './throttle.ts';
import { Tokens } from './tokens.ts';
import { TypeFacts } from './type-facts.ts';

export interface SimulatorOptions {
  /** The port; 0, the default, takes a free one. */
  readonly port?: number;
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** The directory of `ca.crt` and `ca.key`; default: a new temporary directory. */
  readonly directory?: string;
  /** A factor on all durations and Retry-Afters: with 0 operations end at once, with 1 (default) as in Azure. */
  readonly timeScale?: number;
  /** Every PUT and DELETE is answered at once with the final state, for the benchmark. */
  readonly synchronous?: boolean;
  /** Whether poll URLs are long and signed, as ARM issues them since 2024; default true. */
  readonly signedUrls?: boolean;
}

export interface Simulator {
  /** `https://localhost:PORT`: both the ARM endpoint and the Entra ID authority host. */
  readonly url: string;
  readonly port: number;
  /** For `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
  readonly caPem: string;
  close(): Promise<void>;
}

/** Starts the simulated ARM and Entra ID on a local HTTPS port. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', directory, timeScale = 1, synchronous = false, signedUrls = true } = options;
  const { caFile, caPem, key, cert, temporary } = await certificatesIn(directory);
  const settings = new Settings({ timeScale, synchronous, hold: false });
  const state: SimulatorState = {
    store: new Store(),
    operations: new Operations(settings),
    signer: new UrlSigner(signedUrls),
    settings,
    throttle: new Throttle(),
    facts: new TypeFacts(),
    tokens: new Tokens(),
    rights: new Rights(),
  };
  const parts = { state, faults: new Faults(), log: new RequestLog() };
  const server = createServer({ key, cert, keepAliveTimeout: 120_000 }, (request, response) => {
    handle(parts, request, response).catch((error: unknown) => {
      // A fault may have closed the connection. Any other error is a bug of the simulator and must be visible.
      if (!response.headersSent) response.writeHead(500);
      response.end(error instanceof Error ? error.message : 'unknown error');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  };
  return { url: `https://localhost:${bound}`, port: bound, caFile, caPem, close };
}
