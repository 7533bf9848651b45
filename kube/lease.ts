import { setTimeout as sleep } from 'node:timers/promises';

import type { JsonObject, KubeClient, KubeObject, ObjectPath } from './contract.ts';
import { KubeError, noAnswer } from './errors.ts';
import { microTime, renewalOf, toLeaseRecord, waitMsFor, type LeaseRecord } from './lease-record.ts';
import { objectPath } from './object-path.ts';
import { FIELD_MANAGERS } from './names.ts';

/** All in ms. */
export interface LeaseTiming {
  /** Stands on the Lease: so long after a renewal that they saw, others leave it alone. A multiple of 1000. */
  readonly durationMs: number;
  /** From one renewal to the next. */
  readonly renewMs: number;
  /** So long after the last renewal a leader that cannot renew leads no more; less than `durationMs`, which others count from later on. */
  readonly deadlineMs: number;
  /** How often others look, and how soon a request that failed is made again. */
  readonly retryMs: number;
  readonly timeoutMs: number;
}

/** Others lead 7 s after a SIGKILL of the leader at the latest: they see its last renewal up to 1 s late and wait 6 s. */
export const LEASE_TIMING: LeaseTiming = {
  durationMs: 6_000,
  renewMs: 2_000,
  deadlineMs: 4_500,
  retryMs: 1_000,
  timeoutMs: 2_000,
};

export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  /** Whether a holder is known to be gone for good, so that nobody need wait for its Lease to run out. */
  readonly isDead: (holder: string) => boolean;
  readonly onLeading: () => void;
  /** Also once at the start, and whenever another leads. `holder` is undefined when nobody is known to lead. */
  readonly onFollowing: (now: { holder: string | undefined; led: boolean }) => void;
  /** The first of failures in a row, and each that differs from the one before. */
  readonly onFault: (error: unknown) => void;
  readonly timing?: Partial<LeaseTiming>;
}

/**
 * Leadership among processes by a Lease of coordination.k8s.io/v1, as client-go has it: whoever holds it renews it, the others count from the moment at
 * which they saw the last renewal, by their own clock. `@kubernetes/client-node` has no leader election.
 */
export class LeaderLease {
  readonly #client: KubeClient;
  readonly #options: LeaseOptions;
  readonly #timing: LeaseTiming;
  readonly #path: ObjectPath;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #leading = false;
  /** By performance.now(). */
  #leadsUntil = 0;
  #lease: LeaseRecord | undefined;
  /** The last renewal of another, and when it was first seen here. */
  #seen: { renewal: string; at: number } | undefined;
  #follows: { holder: string | undefined } | undefined;
  #fault: string | undefined;

  constructor(client: KubeClient, options: LeaseOptions) {
    this.#client = client;
    this.#options = options;
    this.#timing = { ...LEASE_TIMING, ...options.timing };
    const { namespace, name } = options;
    this.#path = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', namespace, name };
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Whether this process leads at this very moment: false in time even when the process was stopped meanwhile. */
  get held(): boolean {
    return this.#leading && performance.now() < this.#leadsUntil;
  }

  /** Gives the Lease back if it is held, so that another need not wait. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    if (!this.held || !this.#lease) return;
    this.#leading = false;
    await this.#patch({ ...this.#specOf(this.#lease), holderIdentity: null, leaseDurationSeconds: 1 }).catch(
      // It runs out by itself.
      () => undefined,
    );
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const waitMs = await this.#turn();
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One look and, where it is ours to have, one write. Returns how long to wait for the next turn. */
  async #turn(): Promise<number> {
    const startedAt = performance.now();
    if (this.#leading && !this.held) this.#lose(undefined);
    try {
      const lease = this.#leading && this.#lease ? this.#lease : await this.#read();
      const waitMs = this.#waitFor(lease);
      if (waitMs > 0) {
        this.#lose(lease?.holder);
        return Math.min(waitMs, this.#timing.retryMs);
      }
      await this.#write(lease);
      this.#lead(startedAt);
      return this.#timing.renewMs;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(thrown: unknown): number {
    this.#lease = undefined;
    const error = this.#named(thrown);
    // Somebody else wrote it since it was read: look again soon, not all at the same moment.
    if (error instanceof KubeError && error.status === 409) return 50 + Math.random() * 100;
    if (this.#stopping.signal.aborted) return 0;
    const fault = error instanceof Error ? error.message : 'unknown error';
    if (fault !== this.#fault) this.#options.onFault(error);
    this.#fault = fault;
    if (this.#leading && !this.held) this.#lose(undefined);
    return this.#leading ? this.#timing.retryMs / 2 : this.#timing.retryMs;
  }

  #waitFor(lease: LeaseRecord | undefined): number {
    const { identity, isDead } = this.#options;
    const now = performance.now();
    if (lease && this.#seen?.renewal !== renewalOf(lease)) this.#seen = { renewal: renewalOf(lease), at: now };
    return waitMsFor({ lease, identity, isDead, seenForMs: now - (this.#seen?.at ?? now) });
  }

  #lead(renewedAt: number): void {
    // Renewed too late: what was not done meanwhile is only taken up by one who leads anew.
    if (this.#leading && !this.held) this.#lose(undefined);
    this.#fault = undefined;
    this.#follows = undefined;
    this.#leadsUntil = renewedAt + this.#timing.deadlineMs;
    if (this.#leading) return;
    this.#leading = true;
    this.#options.onLeading();
  }

  #lose(holder: string | undefined): void {
    const led = this.#leading;
    this.#leading = false;
    if (holder !== undefined) this.#fault = undefined;
    if (!led && this.#follows && this.#follows.holder === holder) return;
    this.#follows = { holder };
    this.#options.onFollowing({ holder, led });
  }

  async #read(): Promise<LeaseRecord | undefined> {
    const found = await this.#client.get<KubeObject>(this.#path, { signal: this.#timeout() });
    return (this.#lease = found && toLeaseRecord(found));
  }

  async #write(lease: LeaseRecord | undefined): Promise<void> {
    const spec = this.#specOf(lease);
    this.#lease = toLeaseRecord(lease ? await this.#patch(spec) : await this.#create(spec));
  }

  #specOf(lease: LeaseRecord | undefined): JsonObject {
    const now = microTime();
    const mine = lease?.holder === this.#options.identity;
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: this.#timing.durationMs / 1000,
      renewTime: now,
      acquireTime: mine ? lease.acquireTime : now,
      leaseTransitions: lease ? lease.transitions + (mine ? 0 : 1) : 0,
    };
  }

  async #create(spec: JsonObject): Promise<KubeObject> {
    const { name, ...collection } = this.#path;
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec };
    return await this.#client.create<KubeObject>(collection, lease, { signal: this.#timeout() });
  }

  /** With the resourceVersion that was read: of two that want it, one gets 409. */
  async #patch(spec: JsonObject): Promise<KubeObject> {
    const resourceVersion = this.#lease?.resourceVersion ?? '';
    return await this.#client.mergePatch<KubeObject>(
      this.#path,
      { metadata: { resourceVersion }, spec },
      { fieldManager: FIELD_MANAGERS.lease, signal: this.#timeout() },
    );
  }

  /** To the client our time limit is its caller's wish. */
  #named(error: unknown): unknown {
    if (!(error instanceof KubeError) || error.reason !== 'Aborted') return error;
    return noAnswer({ method: 'renew', path: objectPath(this.#path), error, aborted: false, timedOut: true });
  }

  #timeout(): AbortSignal {
    return AbortSignal.timeout(this.#timing.timeoutMs);
  }
}
