import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';

/** A request to the simulator, with its time in ms since the epoch. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly at: number;
}

/** The simulator's control interface, for one subscription. */
export class SimulatorControl {
  readonly #url: string;
  readonly #subscription: string;
  readonly #agent: Agent;

  constructor({ url, caFile }: { url: string; caFile: string }, subscription: string) {
    this.#url = `${url}/_simulator`;
    this.#subscription = subscription;
    this.#agent = new Agent({ connect: { ca: readFileSync(caFile, 'utf8') } });
  }

  async configure(settings: { synchronous?: boolean; hold?: boolean; timeScale?: number }): Promise<void> {
    await this.#call('POST', `/subscriptions/${this.#subscription}`, settings);
  }

  /** Ends the operations that `hold` keeps running. */
  async finish(): Promise<void> {
    await this.#call('POST', '/operations/finish', { subscription: this.#subscription });
  }

  async requests(): Promise<readonly LoggedRequest[]> {
    const answer = await this.#call('GET', `/requests?subscription=${this.#subscription}`);
    return (Array.isArray(answer) ? answer : (answer as { requests: LoggedRequest[] }).requests) as LoggedRequest[];
  }

  async #call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    const answer = await request(`${this.#url}${path}`, {
      dispatcher: this.#agent,
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400) throw new Error(`the simulator refused ${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
