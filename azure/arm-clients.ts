import { createHash } from 'node:crypto';
import { createArmClient, type ArmClientOptions } from './arm-client.ts';
import type { ArmClient, PollBudget } from './contract.ts';
import { createCredential, type Cloud, type CredentialSettings } from './credentials.ts';
import { Limiter } from './limiter.ts';
import { SharedPollBudget } from './poll-budget.ts';

export type ArmClientsOptions = Cloud &
  Pick<ArmClientOptions, 'endpoint' | 'audience' | 'timeoutMs' | 'httpClient' | 'observer'> & {
    /** Replaces Entra ID. */
    readonly credential?: ArmClientOptions['credential'] | undefined;
  };

/**
 * The maximum number of clients. Secrets rotate and namespaces are deleted; the least recently used client is dropped.
 */
const MAX_CLIENTS = 500;

/**
 * Caches the ARM clients of a process, one for each credential, so that tokens and connections are shared. Each
 * subscription has one limiter and one poll budget.
 */
export class ArmClients {
  readonly #options: ArmClientsOptions;
  readonly #entries = new Map<string, { options: ArmClientOptions; client: ArmClient }>();
  readonly #limits = new Map<string, { readonly limiter: Limiter; readonly polls: PollBudget }>();

  constructor(options: ArmClientsOptions) {
    this.#options = options;
  }

  /** Returns the client of a credential; a changed secret leads to a new client. */
  for(settings: CredentialSettings): ArmClient {
    return this.#entry(settings).client;
  }

  /** Returns the options of the client, for the typed SDKs. */
  optionsFor(settings: CredentialSettings): ArmClientOptions {
    return this.#entry(settings).options;
  }

  #entry(settings: CredentialSettings): { options: ArmClientOptions; client: ArmClient } {
    const key = keyOf(settings);
    const found = this.#entries.get(key) ?? this.#create(settings);
    // A Map keeps its insertion order: re-inserting on use leaves the least recently used client first.
    this.#entries.delete(key);
    this.#entries.set(key, found);
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > MAX_CLIENTS && oldest !== undefined) this.#entries.delete(oldest);
    return found;
  }

  #create(settings: CredentialSettings): { options: ArmClientOptions; client: ArmClient } {
    const { endpoint, audience, timeoutMs, httpClient, credential, observer } = this.#options;
    const options: ArmClientOptions = {
      credential: credential ?? createCredential(settings, this.#options),
      subscriptionId: settings.subscriptionId,
      endpoint,
      audience,
      ...this.#limitsOf(settings.subscriptionId),
      timeoutMs,
      httpClient,
      observer,
    };
    return { options, client: createArmClient(options) };
  }

  #limitsOf(subscriptionId: string): { readonly limiter: Limiter; readonly polls: PollBudget } {
    const key = subscriptionId.toLowerCase();
    const found = this.#limits.get(key);
    if (found !== undefined) return found;
    const { observer } = this.#options;
    const limiter = new Limiter({ observed: observer && { observer, subscriptionId } });
    const limits = { limiter, polls: new SharedPollBudget(limiter.reads) };
    this.#limits.set(key, limits);
    return limits;
  }
}

/** Hashed, so that the secret is not copied into the map's keys. */
function keyOf(settings: CredentialSettings): string {
  const { subscriptionId, tenantId, clientId, additionalTenants, proof } = settings;
  const parts = [subscriptionId, tenantId, clientId, additionalTenants, proof];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
