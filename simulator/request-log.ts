import { createHash } from 'node:crypto';
import type { Json } from './json.ts';

/** One request to the simulator. */
export interface LoggedRequest {
  readonly method: string;
  /** Without the signature of poll URLs. */
  readonly path: string;
  readonly subscription: string | undefined;
  /** 0 if the connection was closed without an answer. */
  readonly status: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly ms: number;
  /** Secrets are replaced by `***` and a short digest, so that a test can distinguish them. */
  readonly body: Json;
}

const limit = 50_000;

/** The latest requests, for tests that count them. */
export class RequestLog {
  #entries: LoggedRequest[] = [];

  add(entry: LoggedRequest): void {
    this.#entries.push(entry);
    if (this.#entries.length > limit) this.#entries = this.#entries.slice(limit / 2);
  }

  of(subscription: string | null): LoggedRequest[] {
    return this.#entries.filter(
      (entry) => subscription === null || entry.subscription?.toLowerCase() === subscription.toLowerCase(),
    );
  }

  clear(): void {
    this.#entries = [];
  }
}

/** The path and query without certificate and signatures. */
export function withoutSignature(path: string): string {
  return path.replace(/&(?:t|c|s|h)=[^&]*/g, '');
}

/** The text that replaces a secret in the log. */
export function digestOf(secret: string): string {
  return `*** sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 12)}`;
}

/** The body without anything that looks like a secret. */
export function redacted(value: Json): Json {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      typeof member === 'string' && /password|secret|token|connectionstring|assertion|key$/i.test(key)
        ? digestOf(member)
        : redacted(member),
    ]),
  );
}
