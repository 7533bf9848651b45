import { createHash } from 'node:crypto';
import { createArmClient, type ArmClientOptions } from './arm-client.ts';
import type { ArmClient, PollBudget } from './contract.ts';
import { createCredential, type Cloud, type CredentialSettings } from './credentials.ts';
import { Limiter } from './limiter.ts';
import { SharedPollBudget } from './poll-budget.ts';

export type ArmClientsOptions = Cloud &
  Pick<ArmClientOptions, 'endpoint' | 'audience' | 'timeoutMs' | 'httpClient'> & {
    /** Replaces Entra ID. */
    readonly credential?: ArmClientOptions['credential'] | undefined;
  };

/** Secrets rotate and namespaces go: what was not used for longest makes room. */
const MOST = 500;

/**
 * The clients of a process, one for each credential, so that tokens and connections are shared. One limiter and one
 * poll budget for each subscription.
 */
export class ArmClients {
  readonly #options: ArmClientsOptions;
  readonly #entries = new Map<string, { options: ArmClientOptions; client: ArmClient }>();
  readonly #limits = new Map<string, { readonly limiter: Limiter; readonly polls: PollBudget }>();

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
      ...this.#limitsOf(settings.subscriptionId),
      timeoutMs,
      httpClient,
    };
    return { options, client: createArmClient(options) };
  }

  #limitsOf(subscriptionId: string): { readonly limiter: Limiter; readonly polls: PollBudget } {
    const key = subscriptionId.toLowerCase();
    const found = this.#limits.get(key);
    if (found !== undefined) return found;
    const limiter = new Limiter();
    const limits = { limiter, polls: new SharedPollBudget(limiter.reads) };
    this.#limits.set(key, limits);
    return limits;
  }
}

/** Hashed, so that the secret is held in one place only. */
function keyOf(settings: CredentialSettings): string {
  const { subscriptionId, tenantId, clientId, additionalTenants, proof } = settings;
  const parts = [subscriptionId, tenantId, clientId, additionalTenants, proof];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
