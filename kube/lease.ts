import { setTimeout as sleep } from 'node:timers/promises';

import type { JsonObject, KubeClient, KubeObject, ObjectPath } from './contract.ts';
import { KubeError, noAnswer } from './errors.ts';
import { microTime, renewalKey, toLeaseRecord, waitMsFor, type LeaseRecord } from './lease-record.ts';
import { objectPath } from './object-path.ts';
import { FIELD_MANAGERS } from './names.ts';

/** All in milliseconds. */
export interface LeaseTiming {
  /**
   * Written to the Lease. Candidates wait this long after the last renewal they saw before they take the Lease. A
   * multiple of 1000.
   */
  readonly durationMs: number;
  /** The interval between renewals. */
  readonly renewMs: number;
  /**
   * A leader that cannot renew stops leading this long after its last renewal. Must be less than `durationMs`, which
   * candidates count from a later moment.
   */
  readonly deadlineMs: number;
  /** How often candidates read the Lease, and the delay before a failed request is retried. */
  readonly retryMs: number;
  readonly timeoutMs: number;
}

/**
 * A new leader takes over at most 7 s after the leader was killed: candidates see its last renewal up to 1 s late and
 * then wait 6 s.
 */
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
  /** Whether a holder is known to have exited, so that nobody need wait until its Lease expires. */
  readonly isDead: (holder: string) => boolean;
  readonly onLeading: () => void;
  /**
   * Called once at the start, when leadership is lost, and when another process becomes the leader. `holder` is
   * undefined when no leader is known. `led`: whether this process was the leader until now.
   */
  readonly onFollowing: (now: { holder: string | undefined; led: boolean }) => void;
  /** Called for the first failure in a row, and for each that differs from the one before. */
  readonly onError: (error: unknown) => void;
  readonly timing?: Partial<LeaseTiming>;
}

/**
 * Leader election with a Lease of coordination.k8s.io/v1, with the algorithm of client-go: the holder renews the Lease,
 * and candidates measure its age by their own clock from the moment at which they saw the last renewal.
 * `@kubernetes/client-node` has no leader election.
 */
export class LeaderLease {
  readonly #client: KubeClient;
  readonly #options: LeaseOptions;
  readonly #timing: LeaseTiming;
  readonly #path: ObjectPath;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #leading = false;
  /** On the clock of performance.now(), which does not jump. */
  #leadsUntil = 0;
  #lease: LeaseRecord | undefined;
  /** The last renewal by another process, and when this process first saw it. */
  #seen: { renewal: string; at: number } | undefined;
  #follows: { holder: string | undefined } | undefined;
  #lastError: string | undefined;

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

  /**
   * Whether this process is the leader now. It turns false at the deadline even if the process was suspended until
   * then.
   */
  get isLeader(): boolean {
    return this.#leading && performance.now() < this.#leadsUntil;
  }

  /** Releases the Lease if this process holds it, so that the next leader need not wait. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    if (!this.isLeader || !this.#lease) return;
    this.#leading = false;
    await this.#patch({ ...this.#specOf(this.#lease), holderIdentity: null, leaseDurationSeconds: 1 }).catch(
      // Not critical: the Lease expires.
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

  /** Reads the Lease and takes or renews it when allowed. Returns the ms to wait before the next turn. */
  async #turn(): Promise<number> {
    const startedAt = performance.now();
    if (this.#leading && !this.isLeader) this.#lose(undefined);
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
    const error = this.#asTimeout(thrown);
    // Another process wrote the Lease after it was read: read it again soon, with jitter.
    if (error instanceof KubeError && error.status === 409) return 50 + Math.random() * 100;
    if (this.#stopping.signal.aborted) return 0;
    const message = error instanceof Error ? error.message : 'unknown error';
    if (message !== this.#lastError) this.#options.onError(error);
    this.#lastError = message;
    if (this.#leading && !this.isLeader) this.#lose(undefined);
    return this.#leading ? this.#timing.retryMs / 2 : this.#timing.retryMs;
  }

  #waitFor(lease: LeaseRecord | undefined): number {
    const { identity, isDead } = this.#options;
    const now = performance.now();
    if (lease && this.#seen?.renewal !== renewalKey(lease)) this.#seen = { renewal: renewalKey(lease), at: now };
    return waitMsFor({ lease, identity, isDead, seenForMs: now - (this.#seen?.at ?? now) });
  }

  #lead(renewedAt: number): void {
    // Renewed after the deadline: work that was skipped meanwhile is only picked up when leadership starts anew.
    if (this.#leading && !this.isLeader) this.#lose(undefined);
    this.#lastError = undefined;
    this.#follows = undefined;
    this.#leadsUntil = renewedAt + this.#timing.deadlineMs;
    if (this.#leading) return;
    this.#leading = true;
    this.#options.onLeading();
  }

  #lose(holder: string | undefined): void {
    const led = this.#leading;
    this.#leading = false;
    if (holder !== undefined) this.#lastError = undefined;
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
    const isOurs = lease?.holder === this.#options.identity;
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: this.#timing.durationMs / 1000,
      renewTime: now,
      acquireTime: isOurs ? lease.acquireTime : now,
      leaseTransitions: lease ? lease.transitions + (isOurs ? 0 : 1) : 0,
    };
  }

  async #create(spec: JsonObject): Promise<KubeObject> {
    const { name, ...collection } = this.#path;
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec };
    return await this.#client.create<KubeObject>(collection, lease, { signal: this.#timeout() });
  }

  /** Sends the resourceVersion that was read, so that of two candidates one gets 409. */
  async #patch(spec: JsonObject): Promise<KubeObject> {
    const resourceVersion = this.#lease?.resourceVersion ?? '';
    return await this.#client.mergePatch<KubeObject>(
      this.#path,
      { metadata: { resourceVersion }, spec },
      { fieldManager: FIELD_MANAGERS.lease, signal: this.#timeout() },
    );
  }

  /** The client reports this class's own timeout as Aborted; report it as a Timeout. */
  #asTimeout(error: unknown): unknown {
    if (!(error instanceof KubeError) || error.reason !== 'Aborted') return error;
    return noAnswer({ method: 'renew', path: objectPath(this.#path), error, aborted: false, timedOut: true });
  }

  #timeout(): AbortSignal {
    return AbortSignal.timeout(this.#timing.timeoutMs);
  }
}
