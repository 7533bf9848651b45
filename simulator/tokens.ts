import { asString, jsonOf, type JsonObject } from './json.ts';

/**
 * The access tokens that the simulated Entra ID has issued, so that ARM can refuse revoked ones. ARM accepts all other
 * tokens.
 */
export class Tokens {
  readonly #issued = new Set<string>();
  /** Revoked token -> error code. */
  readonly #refused = new Map<string, string>();

  issue(token: string): string {
    this.#issued.add(token);
    return token;
  }

  /** Makes ARM refuse every token issued so far, or those of one application. */
  revoke(code: string, clientId: string | undefined): number {
    const chosen = [...this.#issued].filter((token) => clientId === undefined || clientIdOf(token) === clientId);
    for (const token of chosen) {
      this.#issued.delete(token);
      this.#refused.set(token, code);
    }
    return chosen.length;
  }

  refusalOf(token: string): string | undefined {
    return this.#refused.get(token);
  }
}

/** The application of a token; undefined for a token that the simulator did not issue. */
export function clientIdOf(token: string): string | undefined {
  return asString(claimsOf(token)['appid']) || undefined;
}

function claimsOf(token: string): JsonObject {
  return jsonOf(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) ?? {};
}
