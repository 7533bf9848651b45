import type { AccessToken, TokenCredential } from '@azure/core-auth';
import { ArmError } from './arm-error.ts';
import { withDeadline } from './deadline.ts';
import { authenticationError, forgetAnswer, type EntraAnswer } from './entra-error.ts';

/** A credential that can be told that ARM did not take its token (401): the next one comes from Entra ID. */
export interface ArmCredential extends TokenCredential {
  /** Without effect unless that token is the one in use, so many refusals of one token cost one new one. */
  refused?(token: string): void;
}

/** A credential of `@azure/identity`, and what Entra ID answered it last. */
export interface Source {
  readonly credential: TokenCredential;
  readonly answer: EntraAnswer;
}

interface Held {
  readonly token: AccessToken;
  /** From here on another one is asked for, while this one still serves. */
  readonly refreshAt: number;
}

/** Nobody waits longer for Entra ID, and nobody waits for an attempt that hangs. */
const ENTRA_TIMEOUT_MS = 30_000;
const REFRESH_BEFORE_MS = 5 * 60_000;
/** While the old token serves, Entra ID is not asked more often than this. */
const REFRESH_PAUSE_MS = 10_000;

/**
 * The tokens of one credential: kept until shortly before their end, asked for once however many want one, and
 * forgotten when ARM refuses them.
 *
 * It replaces the token cache of core-rest-pipeline, which cannot be told of a refusal and asks with the signal of
 * whatever request came first. And it makes the credential below anew after each failure: MSAL answers from a cache for
 * a minute after one 503, without asking and without saying why. How soon to try again is Temporal's to say.
 */
export class EntraCredential implements ArmCredential {
  readonly #make: () => Promise<Source>;
  readonly #host: string;
  #source: Promise<Source> | undefined;
  readonly #held = new Map<string, Held>();
  readonly #asking = new Map<string, Promise<AccessToken>>();
  #refreshNotBefore = 0;

  constructor(options: { readonly make: () => Promise<Source>; readonly host: string }) {
    this.#make = options.make;
    this.#host = options.host;
  }

  /** @throws ArmError `AuthenticationFailed` */
  async getToken(scopes: string | string[]): Promise<AccessToken> {
    const scope = [scopes].flat().join(' ');
    const held = this.#held.get(scope);
    const now = Date.now();
    if (held === undefined || held.token.expiresOnTimestamp <= now) return await this.#ask(scope);
    if (held.refreshAt <= now && this.#refreshNotBefore <= now) {
      this.#refreshNotBefore = now + REFRESH_PAUSE_MS;
      // Its failure is told when the old token no longer serves.
      this.#ask(scope).catch(() => undefined);
    }
    return held.token;
  }

  refused(token: string): void {
    for (const [scope, held] of this.#held) {
      if (held.token.token !== token) continue;
      this.#held.delete(scope);
      // The credential below keeps the token too.
      this.#source = undefined;
    }
  }

  #ask(scope: string): Promise<AccessToken> {
    const running = this.#asking.get(scope);
    if (running !== undefined) return running;
    const asking = this.#fetch(scope).finally(() => this.#asking.delete(scope));
    this.#asking.set(scope, asking);
    return asking;
  }

  async #fetch(scope: string): Promise<AccessToken> {
    const source = (this.#source ??= this.#make());
    try {
      const token = await withDeadline({ timeoutMs: ENTRA_TIMEOUT_MS }, () => this.#tokenOf(source, scope));
      const now = Date.now();
      const lifetime = token.expiresOnTimestamp - now;
      const refreshAt = token.expiresOnTimestamp - Math.min(REFRESH_BEFORE_MS, lifetime / 2);
      this.#held.set(scope, { token, refreshAt });
      return token;
    } catch (error) {
      if (this.#source === source) this.#source = undefined;
      throw error instanceof ArmError && error.code === 'RequestTimeout' ? this.#silent() : error;
    }
  }

  async #tokenOf(source: Promise<Source>, scope: string): Promise<AccessToken> {
    let answer: EntraAnswer = {};
    try {
      const { credential, answer: seen } = await source;
      answer = seen;
      forgetAnswer(answer);
      const token = await credential.getToken(scope);
      if (token === null) throw new Error('no token');
      return token;
    } catch (error) {
      throw authenticationError(error, { host: this.#host, answer });
    }
  }

  #silent(): ArmError {
    return authenticationError(undefined, { host: this.#host, answer: { network: 'ETIMEDOUT' } });
  }
}
