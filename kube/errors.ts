import type { Json } from './contract.ts';

/** A field that the API server rejected. */
export interface ErrorCause {
  readonly field: string;
  readonly message: string;
}

/**
 * The only error of `kube/`. Its message is built from method, path and status, so that it cannot contain a request's
 * body or a header. `status` is 0 when there was no answer; `reason` is then `Unreachable`, `Timeout` or `Aborted`.
 * Otherwise `reason` is the API server's (`Conflict`, `NotFound`, …).
 */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly ErrorCause[];
  readonly retryAfterMs: number | undefined;

  constructor(input: {
    status: number;
    reason: string;
    message: string;
    causes?: readonly ErrorCause[];
    retryAfterMs?: number | undefined;
  }) {
    super(input.message);
    this.status = input.status;
    this.reason = input.reason;
    this.causes = input.causes ?? [];
    this.retryAfterMs = input.retryAfterMs;
  }
}

/**
 * The error for a response with status >= 400. The server's message is left out: it may quote values from the request.
 */
export function refusal(input: {
  method: string;
  path: string;
  status: number;
  body: Json | undefined;
  retryAfter?: string | undefined;
}): KubeError {
  const answer = isObject(input.body) ? input.body : {};
  const reason = typeof answer['reason'] === 'string' && answer['reason'] ? answer['reason'] : reasonOf(input.status);
  const causes = causesOf(answer['details']);
  const fields = causes.map(({ field }) => withoutDataKey(field)).filter(Boolean);
  const where = fields.length > 0 ? ` (${fields.join(', ')})` : '';
  return new KubeError({
    status: input.status,
    reason,
    causes,
    message: `cannot ${input.method} ${withoutQuery(input.path)}: ${input.status} ${reason}${where}`,
    retryAfterMs: retryAfterMs(input.retryAfter),
  });
}

/** Drops the key from the path of a data field: an expression may derive a key from a secret value. */
function withoutDataKey(field: string): string {
  return field.replace(/^\.?(data|stringData|binaryData)\b.*/, '$1');
}

/** The error for a call that got no answer. Of the socket's error only the code is kept. */
export function noAnswer(input: {
  method: string;
  path: string;
  error: unknown;
  aborted: boolean;
  timedOut: boolean;
}): KubeError {
  const code = codeOf(input.error);
  const reason = input.aborted ? 'Aborted' : input.timedOut ? 'Timeout' : 'Unreachable';
  const detail = reason === 'Unreachable' && code ? `: ${code}` : '';
  return new KubeError({
    status: 0,
    reason,
    message: `cannot ${input.method} ${withoutQuery(input.path)}: ${reason}${detail}`,
  });
}

/** Parses Retry-After (RFC 9110: seconds or an HTTP date) to milliseconds. */
function retryAfterMs(header: string | undefined, now: number = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function causesOf(details: Json | undefined): ErrorCause[] {
  const causes = isObject(details) ? details['causes'] : undefined;
  if (!Array.isArray(causes)) return [];
  return causes.filter(isObject).map((cause) => ({
    field: typeof cause['field'] === 'string' ? cause['field'] : '',
    message: typeof cause['message'] === 'string' ? cause['message'] : '',
  }));
}

function reasonOf(status: number): string {
  const reasons: Readonly<Record<number, string>> = {
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    410: 'Expired',
    422: 'Invalid',
    429: 'TooManyRequests',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  };
  return reasons[status] ?? `HTTP${status}`;
}

function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return undefined;
}

function withoutQuery(path: string): string {
  return path.split('?')[0] ?? path;
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
