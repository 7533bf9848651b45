import type { KubeObject } from './contract.ts';

/** What a Lease says. Times are its holder's. */
export interface LeaseRecord {
  /** Undefined: released. */
  readonly holder: string | undefined;
  readonly durationMs: number;
  readonly renewTime: string;
  readonly acquireTime: string;
  readonly transitions: number;
  readonly resourceVersion: string;
}

/** How long another's Lease must be left alone yet; 0: it is ours to write. */
export function waitMsFor(input: {
  lease: LeaseRecord | undefined;
  identity: string;
  isDead: (holder: string) => boolean;
  /** Since its last renewal was first seen. */
  seenForMs: number;
}): number {
  const { lease, identity } = input;
  if (lease?.holder === undefined || lease.holder === identity || input.isDead(lease.holder)) return 0;
  return Math.max(0, lease.durationMs - input.seenForMs);
}

/** What a Lease says. What is missing or of another type is as if it had been released. */
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

/** Differs from one renewal to the next, and not when somebody annotates the Lease. */
export function renewalOf({ holder, renewTime }: LeaseRecord): string {
  return `${holder ?? ''} ${renewTime}`;
}

/** metav1.MicroTime: exactly six digits. */
export function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
