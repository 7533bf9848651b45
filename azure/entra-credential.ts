import type { AccessToken, TokenCredential } from '@azure/core-auth';
import { ArmError } from './arm-error.ts';
import { withDeadline } from './deadline.ts';
import { authenticationError, clearAnswer, type EntraAnswer } from './entra-error.ts';

/** A credential whose token can be reported as refused by ARM (401); then the next token comes from Entra ID. */
export interface ArmCredential extends TokenCredential {
  /** Has no effect unless the token is the current one, so many refusals of one token cause one new token. */
  refused?(token: string): void;
}

/** A credential of `@azure/identity`, and Entra ID's last answer to it. */
export interface Source {
  readonly credential: TokenCredential;
  readonly answer: EntraAnswer;
}

interface CachedToken {
  readonly token: AccessToken;
  /** From this time on a new token is requested, while this one is still used. */
  readonly refreshAt: number;
}

/** The time limit of a token request. */
const ENTRA_TIMEOUT_MS = 30_000;
const REFRESH_BEFORE_MS = 5 * 60_000;
/** The minimum pause between token requests while the old token is still valid. */
const REFRESH_PAUSE_MS = 10_000;

/**
 * Caches the tokens of one credential until shortly before they expire. Concurrent callers share one request, and a
 * token that ARM refused is dropped.
 *
 * It replaces the token cache of core-rest-pipeline, which cannot be told about a refusal and requests a token with the
 * signal of whichever caller came first. It creates the underlying credential anew after each failure, because MSAL
 * answers from a cache for a minute after one 503, without a request and without the reason. Temporal decides when to
 * retry.
 */
export class EntraCredential implements ArmCredential {
  readonly #make: () => Promise<Source>;
  readonly #host: string;
  #source: Promise<Source> | undefined;
  readonly #cached = new Map<string, CachedToken>();
  readonly #pending = new Map<string, Promise<AccessToken>>();
  #refreshNotBefore = 0;

  constructor(options: { readonly make: () => Promise<Source>; readonly host: string }) {
    this.#make = options.make;
    this.#host = options.host;
  }

  /** @throws ArmError `AuthenticationFailed` */
  async getToken(scopes: string | string[]): Promise<AccessToken> {
    const scope = [scopes].flat().join(' ');
    const cached = this.#cached.get(scope);
    const now = Date.now();
    if (cached === undefined || cached.token.expiresOnTimestamp <= now) return await this.#request(scope);
    if (cached.refreshAt <= now && this.#refreshNotBefore <= now) {
      this.#refreshNotBefore = now + REFRESH_PAUSE_MS;
      // A failure is ignored here; it is reported once the old token has expired.
      this.#request(scope).catch(() => undefined);
    }
    return cached.token;
  }

  refused(token: string): void {
    for (const [scope, cached] of this.#cached) {
      if (cached.token.token !== token) continue;
      this.#cached.delete(scope);
      // The underlying credential caches the token too.
      this.#source = undefined;
    }
  }

  #request(scope: string): Promise<AccessToken> {
    const running = this.#pending.get(scope);
    if (running !== undefined) return running;
    const pending = this.#fetch(scope).finally(() => this.#pending.delete(scope));
    this.#pending.set(scope, pending);
    return pending;
  }

  async #fetch(scope: string): Promise<AccessToken> {
    const source = (this.#source ??= this.#make());
    try {
      const token = await withDeadline({ timeoutMs: ENTRA_TIMEOUT_MS }, () => this.#tokenOf(source, scope));
      const now = Date.now();
      const lifetime = token.expiresOnTimestamp - now;
      const refreshAt = token.expiresOnTimestamp - Math.min(REFRESH_BEFORE_MS, lifetime / 2);
      this.#cached.set(scope, { token, refreshAt });
      return token;
    } catch (error) {
      if (this.#source === source) this.#source = undefined;
      throw error instanceof ArmError && error.code === 'RequestTimeout' ? this.#timeoutError() : error;
    }
  }

  async #tokenOf(source: Promise<Source>, scope: string): Promise<AccessToken> {
    let answer: EntraAnswer = {};
    try {
      const { credential, answer: seen } = await source;
      answer = seen;
      clearAnswer(answer);
      const token = await credential.getToken(scope);
      if (token === null) throw new Error('no token');
      return token;
    } catch (error) {
      throw authenticationError(error, { host: this.#host, answer });
    }
  }

  #timeoutError(): ArmError {
    return authenticationError(undefined, { host: this.#host, answer: { network: 'ETIMEDOUT' } });
  }
}
