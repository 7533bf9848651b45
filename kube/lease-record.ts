import type { KubeObject } from './contract.ts';

/** The content of a Lease. Its times are by the clock of its holder. */
export interface LeaseRecord {
  /** Undefined when the Lease was released. */
  readonly holder: string | undefined;
  readonly durationMs: number;
  readonly renewTime: string;
  readonly acquireTime: string;
  readonly transitions: number;
  readonly resourceVersion: string;
}

/**
 * Milliseconds until this process may write a Lease; 0 when it holds it, when it was released, or when it has expired.
 */
export function waitMsFor(input: {
  lease: LeaseRecord | undefined;
  identity: string;
  isDead: (holder: string) => boolean;
  /** Milliseconds since this process first saw the last renewal. */
  seenForMs: number;
}): number {
  const { lease, identity } = input;
  if (lease?.holder === undefined || lease.holder === identity || input.isDead(lease.holder)) return 0;
  return Math.max(0, lease.durationMs - input.seenForMs);
}

/** Parses a Lease. Fields that are missing or of the wrong type are treated as if the Lease had been released. */
export function toLeaseRecord(object: KubeObject): LeaseRecord {
  const spec = object.spec ?? {};
  const text = (name: string): string => (typeof spec[name] === 'string' ? spec[name] : '');
  const number = (name: string): number => (typeof spec[name] === 'number' ? spec[name] : 0);
  return {
    holder: text('holderIdentity') || undefined,
    durationMs: number('leaseDurationSeconds') * 1000,
    renewTime: text('renewTime'),
    acquireTime: text('acquireTime') || microTime(),
    transitions: number('leaseTransitions'),
    resourceVersion: object.metadata.resourceVersion,
  };
}

/** Changes with each renewal, but not when somebody annotates the Lease. */
export function renewalKey({ holder, renewTime }: LeaseRecord): string {
  return `${holder ?? ''} ${renewTime}`;
}

/** metav1.MicroTime requires exactly six fractional digits. */
export function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
