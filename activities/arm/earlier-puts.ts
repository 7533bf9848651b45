import type { Applied, StoredState } from '../../contract/stored-state.ts';
import type { Target } from '../../contract/steps.ts';
import type { StepDependencies } from '../dependencies.ts';
import type { SendDetails } from '../heartbeat-details.ts';
import { getFromAzure, type ManagedResource } from './call.ts';
import type { DesiredState } from './payload.ts';

/** How long to wait for a resource to appear after the answer to its creating PUT was lost, before sending it again. */
const LOST_ANSWER_MS = 4_000;
/** The same for types that GET does not show while Azure creates them (MySQL: half a minute). */
const INVISIBLE_MS = 120_000;

/** What was sent before, and what Azure has. */
interface PutHistory {
  readonly stored: StoredState | undefined;
  readonly existing: Awaited<ReturnType<typeof getFromAzure>>;
  readonly details: SendDetails;
  readonly target: Target;
}

/**
 * What Azure is known to have accepted. After an update whose answer was lost nothing is known: Azure may or may not
 * have received it. A creation was received if the resource exists.
 */
export function knownToBeAccepted({ stored, existing, details, target }: PutHistory): Applied | undefined {
  if (details.sent !== undefined && details.creates === true && existing)
    return { generation: target.generation, apiVersion: target.apiVersion, digest: details.sent };
  const applied = stored?.applied;
  // Two PUTs may be unanswered: one of an earlier step (`stored.sending`), and one of an earlier attempt at this step.
  const isKnown = [details.sent, stored?.sending].every((sent) => sent === undefined || sent === applied?.digest);
  return isKnown ? applied : undefined;
}

/**
 * The PUT behind an operation that is running. It is this operator's own only if nothing existed before its PUT was
 * sent; otherwise the digest is null, because another client may have started the operation.
 */
export function runningPut({ details, target }: Pick<PutHistory, 'details' | 'target'>): {
  digest: string | null;
  generation: number;
  creates: boolean;
} {
  if (details.sent === undefined || details.creates !== true) return { digest: null, generation: 0, creates: false };
  return { digest: details.sent, generation: target.generation, creates: true };
}

/** Whether this operator never sent a PUT that Azure may have applied or may still receive. */
export function wasNeverSent({ stored, details }: Pick<PutHistory, 'stored' | 'details'>): boolean {
  return details.sent === undefined && !stored?.applied && !stored?.operation && !stored?.sending;
}

/**
 * Reads the resource in Azure. If the answer to a creating PUT was lost, the resource may appear late, so a 404 counts
 * only after a while.
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
 * The details of earlier attempts, completed from the stored state: a heartbeat may be lost with its process, so the
 * creation of a resource that GET does not show yet is recorded on the resource too.
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
