import { asString, jsonOf, type JsonObject } from './json.ts';

/** The access tokens that the simulator's Entra ID has given out, so that ARM can refuse them. A token from elsewhere is taken as it is. */
export class Tokens {
  readonly #issued = new Set<string>();
  /** With the code of the refusal. */
  readonly #refused = new Map<string, string>();

  issue(token: string): string {
    this.#issued.add(token);
    return token;
  }

  /** From now on ARM refuses every token given out so far, or those of one application. */
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

/** The application that a token speaks for; undefined for one that is not the simulator's. */
export function clientIdOf(token: string): string | undefined {
  return asString(claimsOf(token)['appid']) || undefined;
}

function claimsOf(token: string): JsonObject {
  return jsonOf(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) ?? {};
}
