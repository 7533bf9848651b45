import type { Applied, StoredState } from '../../contract/stored-state.ts';
import type { Target } from '../../contract/steps.ts';
import type { StepDependencies } from '../dependencies.ts';
import type { SendDetails } from '../heartbeat-details.ts';
import { getFromAzure, type ManagedResource } from './call.ts';
import type { DesiredState } from './payload.ts';

/** How long a creation whose answer was lost is given to show up in a GET before it is sent again. */
const LOST_ANSWER_MS = 4_000;
/** The same for types that Azure does not show while it creates them (MySQL: half a minute). */
const INVISIBLE_MS = 120_000;

/** What was sent before, and what Azure has now. */
interface PutHistory {
  readonly stored: StoredState | undefined;
  readonly existing: Awaited<ReturnType<typeof getFromAzure>>;
  readonly details: SendDetails;
  readonly target: Target;
}

/**
 * What Azure is known to have accepted. An update whose answer was lost may or may not have arrived, so after it
 * nothing is known; a creation that has arrived shows itself by existing.
 */
export function knownToBeAccepted({ stored, existing, details, target }: PutHistory): Applied | undefined {
  if (details.sent !== undefined && details.creates === true && existing)
    return { generation: target.generation, apiVersion: target.apiVersion, digest: details.sent };
  const applied = stored?.applied;
  // Both count: what was sent by an earlier step, and what this one has sent since the spec went back.
  const isKnown = [details.sent, stored?.sending].every((sent) => sent === undefined || sent === applied?.digest);
  return isKnown ? applied : undefined;
}

/** Somebody's operation is running. It is ours only where nothing existed before our PUT went out. */
export function runningPut({ details, target }: Pick<PutHistory, 'details' | 'target'>): {
  digest: string | null;
  generation: number;
  creates: boolean;
} {
  if (details.sent === undefined || details.creates !== true) return { digest: null, generation: 0, creates: false };
  return { digest: details.sent, generation: target.generation, creates: true };
}

/** No PUT of ours can have made what exists, or may still arrive. */
export function wasNeverSent({ stored, details }: Pick<PutHistory, 'stored' | 'details'>): boolean {
  return details.sent === undefined && !stored?.applied && !stored?.operation && !stored?.sending;
}

/**
 * After a lost answer, a resource that is not there yet may still be on its way: look for a while before concluding
 * that it never arrived.
 */
export async function findExisting(
  deps: StepDependencies,
  resource: ManagedResource,
  target: Target,
  details: SendDetails,
): Promise<Awaited<ReturnType<typeof getFromAzure>>> {
  const graceMs = resource.kind.invisibleWhileCreated ? INVISIBLE_MS : LOST_ANSWER_MS;
  const until = Date.now() + (details.sent === undefined ? 0 : graceMs);
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
export function withStoredPut(
  details: SendDetails,
  { kind }: ManagedResource,
  { stored, desired }: { stored: StoredState | undefined; desired: DesiredState },
): SendDetails {
  const { applied, sending } = stored ?? {};
  const isKnown = details.sent !== undefined || details.refused === true;
  if (isKnown || !kind.invisibleWhileCreated || applied || sending !== desired.applied.digest) return details;
  return { ...details, sent: sending, creates: true };
}
