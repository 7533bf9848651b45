/** How one subscription is treated. */
export interface SubscriptionSettings {
  /** Factor on every duration: 0 ends operations at once, 1 is Azure's real pace. */
  readonly timeScale: number;
  /** Every PUT and DELETE answers at once with the final state (for the benchmark). */
  readonly synchronous: boolean;
  /** Operations stay running until `POST /_simulator/operations/finish` ends them. */
  readonly hold: boolean;
}

/** Defaults and per-subscription overrides; each test uses its own subscription and so its own pace. */
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

/** A Retry-After in whole seconds: never shorter than one second unless time stands still. */
export function scaledSeconds(seconds: number, timeScale: number): number {
  return timeScale === 0 ? 0 : Math.max(1, Math.round(seconds * timeScale));
}
