import { createHash } from 'node:crypto';
import { createArmClient, type ArmClientOptions } from './arm-client.ts';
import type { ArmClient } from './contract.ts';
import { createCredential, type Cloud, type CredentialSettings } from './credentials.ts';
import { Limiter } from './limiter.ts';

export type ArmClientsOptions = Cloud &
  Pick<ArmClientOptions, 'endpoint' | 'audience' | 'timeoutMs' | 'httpClient'> & {
    /** Replaces Entra ID. */
    readonly credential?: ArmClientOptions['credential'] | undefined;
  };

/** Secrets rotate and namespaces go: what was not used for longest makes room. */
const MOST = 500;

/** The clients of a process, one for each credential, so that tokens and connections are shared. One limiter for each subscription. */
export class ArmClients {
  readonly #options: ArmClientsOptions;
  readonly #entries = new Map<string, { options: ArmClientOptions; client: ArmClient }>();
  readonly #limiters = new Map<string, Limiter>();

  constructor(options: ArmClientsOptions) {
    this.#options = options;
  }

  /** The client of a credential; a changed secret makes a new one. */
  for(settings: CredentialSettings): ArmClient {
    return this.#entry(settings).client;
  }

  /** What the client was made of, for the typed SDKs. */
  optionsFor(settings: CredentialSettings): ArmClientOptions {
    return this.#entry(settings).options;
  }

  #entry(settings: CredentialSettings): { options: ArmClientOptions; client: ArmClient } {
    const key = keyOf(settings);
    const found = this.#entries.get(key) ?? this.#create(settings);
    // A Map keeps the order of insertion: put back at the end, the first is the one unused for longest.
    this.#entries.delete(key);
    this.#entries.set(key, found);
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > MOST && oldest !== undefined) this.#entries.delete(oldest);
    return found;
  }

  #create(settings: CredentialSettings): { options: ArmClientOptions; client: ArmClient } {
    const { endpoint, audience, timeoutMs, httpClient, credential } = this.#options;
    const options: ArmClientOptions = {
      credential: credential ?? createCredential(settings, this.#options),
      subscriptionId: settings.subscriptionId,
      endpoint,
      audience,
      limiter: this.#limiter(settings.subscriptionId),
      timeoutMs,
      httpClient,
    };
    return { options, client: createArmClient(options) };
  }

  #limiter(subscriptionId: string): Limiter {
    const key = subscriptionId.toLowerCase();
    const limiter = this.#limiters.get(key) ?? new Limiter();
    this.#limiters.set(key, limiter);
    return limiter;
  }
}

/** Hashed, so that the secret is held in one place only. */
function keyOf(settings: CredentialSettings): string {
  const { subscriptionId, tenantId, clientId, additionalTenants, proof } = settings;
  const parts = [subscriptionId, tenantId, clientId, additionalTenants, proof];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
