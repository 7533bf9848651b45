/** The settings of one subscription. */
export interface SubscriptionSettings {
  /** A factor on every duration: with 0 operations end at once, with 1 they take as long as in Azure. */
  readonly timeScale: number;
  /** Every PUT and DELETE is answered at once with the final state, for the benchmark. */
  readonly synchronous: boolean;
  /** Operations run until `POST /_simulator/operations/finish` ends them. */
  readonly hold: boolean;
}

/** Default settings, and overrides per subscription: each test uses its own subscription. */
export class Settings {
  #defaults: SubscriptionSettings;
  readonly #overrides = new Map<string, Partial<SubscriptionSettings>>();

  constructor(defaults: SubscriptionSettings) {
    this.#defaults = defaults;
  }

  of(subscription: string): SubscriptionSettings {
    return { ...this.#defaults, ...this.#overrides.get(subscription.toLowerCase()) };
  }

  change(changes: Partial<SubscriptionSettings>, subscription?: string): void {
    if (subscription === undefined) {
      this.#defaults = { ...this.#defaults, ...changes };
      return;
    }
    const key = subscription.toLowerCase();
    this.#overrides.set(key, { ...this.#overrides.get(key), ...changes });
  }
}

/** A Retry-After in whole seconds: at least one second, unless the time scale is 0. */
export function scaledSeconds(seconds: number, timeScale: number): number {
  return timeScale === 0 ? 0 : Math.max(1, Math.round(seconds * timeScale));
}
