import type { Applied, StoredState } from '../../contract/stored-state.ts';
import type { Target } from '../../contract/steps.ts';
import type { StepDependencies } from '../dependencies.ts';
import type { SendTrail } from '../trail.ts';
import { getFromAzure, type ManagedResource } from './call.ts';
import type { Wanted } from './payload.ts';

/** How long a creation whose answer was lost is given to show up in a GET before it is sent again. */
const LOST_ANSWER_MS = 4_000;
/** The same for types that Azure does not show while it creates them (MySQL: half a minute). */
const INVISIBLE_MS = 120_000;

/** What was sent before, and what Azure has now. */
interface Known {
  readonly stored: StoredState | undefined;
  readonly existing: Awaited<ReturnType<typeof getFromAzure>>;
  readonly trail: SendTrail;
  readonly target: Target;
}

/**
 * What Azure is known to have accepted. An update whose answer was lost may or may not have arrived, so after it
 * nothing is known; a creation that has arrived shows itself by existing.
 */
export function knownToBeAccepted({ stored, existing, trail, target }: Known): Applied | undefined {
  if (trail.sent !== undefined && trail.creates === true && existing)
    return { generation: target.generation, apiVersion: target.apiVersion, digest: trail.sent };
  const applied = stored?.applied;
  // Both count: what was sent by an earlier step, and what this one has sent since the spec went back.
  const isKnown = [trail.sent, stored?.sending].every((sent) => sent === undefined || sent === applied?.digest);
  return isKnown ? applied : undefined;
}

/** Somebody's operation is running. It is ours only where nothing existed before our PUT went out. */
export function whatRuns({ trail, target }: Pick<Known, 'trail' | 'target'>): {
  digest: string | null;
  generation: number;
  creates: boolean;
} {
  if (trail.sent === undefined || trail.creates !== true) return { digest: null, generation: 0, creates: false };
  return { digest: trail.sent, generation: target.generation, creates: true };
}

/** No PUT of ours can have made what exists, or may still arrive. */
export function wasNeverSent({ stored, trail }: Pick<Known, 'stored' | 'trail'>): boolean {
  return trail.sent === undefined && !stored?.applied && !stored?.operation && !stored?.sending;
}

/**
 * After a lost answer, a resource that is not there yet may still be on its way: look for a while before concluding
 * that it never arrived.
 */
export async function findExisting(
  deps: StepDependencies,
  resource: ManagedResource,
  target: Target,
  trail: SendTrail,
): Promise<Awaited<ReturnType<typeof getFromAzure>>> {
  const graceMs = resource.kind.invisibleWhileCreated ? INVISIBLE_MS : LOST_ANSWER_MS;
  const until = Date.now() + (trail.sent === undefined ? 0 : graceMs);
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, 5_000)) {
    const found = await getFromAzure(resource, target);
    if (found || Date.now() >= until) return found;
    await deps.step.sleep(waitMs);
  }
}

/**
 * Heartbeats may die with their process. That Azure was sent the creation of what it does not show meanwhile stands on
 * the resource too.
 */
export function withStored(
  trail: SendTrail,
  { kind }: ManagedResource,
  { stored, wanted }: { stored: StoredState | undefined; wanted: Wanted },
): SendTrail {
  const { applied, sending } = stored ?? {};
  const isKnown = trail.sent !== undefined || trail.refused === true;
  if (isKnown || !kind.invisibleWhileCreated || applied || sending !== wanted.applied.digest) return trail;
  return { ...trail, sent: sending, creates: true };
}
