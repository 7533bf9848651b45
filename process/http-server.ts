import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** Where the process serves its health and its metrics. */
export interface HttpAddress {
  readonly host: string;
  /** With 0 the operating system picks a free port. */
  readonly port: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers a GET or HEAD of one path. */
export type Route = (query: URLSearchParams) => Promise<HttpAnswer>;

export interface HttpServer {
  /** With the port that was taken, such as `127.0.0.1:8081`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Different ports, so that both processes can run on one machine as they are. */
const DEFAULT_PORTS = { worker: 8081, watcher: 8082 } as const;
/** A client that sends its request more slowly is cut off. */
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * Reads HTTP_ADDRESS.
 * @returns undefined for `off`: nothing is served
 * @throws Error that names the variable, when it is not an address and a port
 */
export function readHttpAddress(
  env: Readonly<Record<string, string | undefined>>,
  process: keyof typeof DEFAULT_PORTS,
): HttpAddress | undefined {
  const text = env['HTTP_ADDRESS']?.trim() || `0.0.0.0:${String(DEFAULT_PORTS[process])}`;
  if (text === 'off') return undefined;
  // The colon of the port must be there: without it the text is a port alone, or a host alone.
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || port === undefined || Number(port) > 65_535)
    throw new Error(
      `HTTP_ADDRESS is "${text}"; it must be an address and a port, such as 0.0.0.0:8081 or [::]:8081, or "off"`,
    );
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/**
 * Serves the routes, by path, until it is closed. It has no authentication: a route must reveal nothing that only some
 * may know.
 * @throws Error that names HTTP_ADDRESS, when the address cannot be used
 */
export async function startHttpServer(
  { host, port }: HttpAddress,
  routes: Readonly<Record<string, Route>>,
): Promise<HttpServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    void answer(incoming, routes).then(({ status, contentType, body }) => {
      outgoing.writeHead(status, {
        'content-type': contentType,
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...(status === 405 && { allow: 'GET, HEAD' }),
      });
      outgoing.end(incoming.method === 'HEAD' ? undefined : body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen({ host, port }, error.code)));
    server.listen({ host, port }, resolve);
  });
  const bound = server.address();
  const taken = typeof bound === 'object' && bound !== null ? bound.port : port;
  return {
    address: textOf({ host, port: taken }),
    close: async () => {
      // Connections that are kept alive would hold the process.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A plain text answer, as all but the metrics are. */
export function plain(status: number, body: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

async function answer({ method, url }: IncomingMessage, routes: Readonly<Record<string, Route>>): Promise<HttpAnswer> {
  const asked = URL.parse(url ?? '', 'http://localhost');
  const route = asked === null || !Object.hasOwn(routes, asked.pathname) ? undefined : routes[asked.pathname];
  if (asked === null || route === undefined)
    return plain(404, `not found; this process serves ${Object.keys(routes).join(', ')}\n`);
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD\n');
  // The error of a route may quote anything.
  return await route(asked.searchParams).catch(() => plain(500, 'the answer could not be made\n'));
}

function cannotListen(address: HttpAddress, code: string | undefined): Error {
  const why =
    code === 'EADDRINUSE'
      ? 'another process listens there'
      : code === 'EACCES'
        ? 'this user may not use the port'
        : `this machine does not have the address (${code ?? 'unknown error'})`;
  return new Error(
    `cannot listen on HTTP_ADDRESS ${textOf(address)}: ${why}; set HTTP_ADDRESS to another address and port, or to "off"`,
  );
}

function textOf({ host, port }: HttpAddress): string {
  return host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}
