import { isDeepStrictEqual } from 'node:util';
import type { OwnReason } from '../../azure/reasons.ts';
import { workflowId } from '../../contract/resource-ref.ts';
import { STORED_STATE, type StoredState } from '../../contract/stored-state.ts';
import { mergeCondition } from '../../kube/conditions.ts';
import type { Condition, JsonObject, KubeObject } from '../../kube/contract.ts';
import { KubeError } from '../../kube/errors.ts';
import { FIELD_MANAGERS } from '../../kube/names.ts';
import type { StepDependencies } from '../dependencies.ts';
import { tellCondition } from './condition-event.ts';
import { limitStatusSize } from './limit-status-size.ts';
import { pathOf, type Resource } from './resource.ts';
import { isLater } from '../step-context.ts';
import { storedStateOf } from './stored-state.ts';

export type NewCondition = Omit<Condition, 'type' | 'lastTransitionTime'>;

/** Changes to the stored state: null removes a field, and a field that is absent here stays. */
export type StoredChanges = {
  readonly [K in Exclude<keyof StoredState, WrittenHere>]?: StoredState[K] | null;
};
type WrittenHere = 'uid' | 'order' | 'workflowId' | 'nextAttempt';

export interface StatusChange {
  readonly condition: NewCondition;
  /**
   * How the condition is merged with the one before. `ranked` (default): by ASO's rules, so that Ready does not
   * flicker. `solved`: `Reconciling` also replaces an unmet precondition. `now`: it replaces every condition of this
   * generation.
   */
  readonly how?: 'ranked' | 'solved' | 'now';
  /** Azure's answer in the naming of the resource: replaces the whole status except conditions and stored state. */
  readonly answer?: JsonObject;
  readonly stored?: StoredChanges;
  /** How long after this failure the next attempt is made, in ms. */
  readonly nextAttemptMs?: number | undefined;
}

/**
 * `unchanged`: the status is this already. `stale`: a later step has already written the status. `gone`: the resource was
 * deleted, or replaced by another of its name. In these cases nothing was written.
 */
export type StatusOutcome = 'written' | 'unchanged' | 'stale' | 'gone';

/** The preconditions of a PUT, as in ASO: when one is about to be sent, they are met. */
const PRECONDITIONS: readonly OwnReason[] = [
  'WaitingForOwner',
  'SecretNotFound',
  'ConfigMapNotFound',
  'ReferenceNotFound',
];
const TRIES = 8;
/**
 * The generation of the condition once more, where Flux looks for it. No kind has a status field of this name; a test
 * checks all kinds.
 */
export const OBSERVED_GENERATION = 'observedGeneration';
/** Limits the effect of a wrong clock: an order further in the future must not block the status for ever. */
const FUTURE_MS = 5 * 60_000;
/**
 * A sooner attempt is not worth a time: the time differs at each attempt, so it costs a write of the status where the
 * condition alone would cost none. More than the delays of the class Fast.
 */
const SHOWN_FROM_MS = 40_000;

type Deps = Pick<StepDependencies, 'kube' | 'step' | 'events'>;

/**
 * Writes condition, status and stored state in one request; sends nothing if nothing changes.
 *
 * The API server does not check uid and resourceVersion of a status patch, so the patch tests both: a resource that was
 * created again must not get the status of its predecessor, and after a write of another client the status is computed
 * again. A step that was cancelled, or after which a later step has written, writes nothing. An Event tells what the
 * condition says, if it says something new.
 */
export async function writeStatus(deps: Deps, resource: Resource, change: StatusChange): Promise<StatusOutcome> {
  const path = pathOf(resource.kind, resource.ref);
  let object: KubeObject | undefined = resource.object;
  for (let tries = 1; ; tries += 1) {
    if (object === undefined || object.metadata.uid !== resource.object.metadata.uid) return 'gone';
    const status = statusAfter(object, deps.step.order, change);
    if (status === 'stale' || status === 'unchanged') return status;
    deps.step.throwIfCancelled();
    try {
      await patchStatus(deps, { path, object, status });
      const { exported } = change.stored ?? {};
      tellCondition(deps, resource, { before: readyOf(object.status), after: readyOf(status), exported });
      return 'written';
    } catch (error) {
      const isConflict =
        error instanceof KubeError && (error.status === 422 || error.status === 409 || error.status === 404);
      if (!isConflict || tries === TRIES) throw error;
      object = await deps.kube.get<KubeObject>(path);
    }
  }
}

/** The whole new status, or why there is nothing to write. */
export function statusAfter(
  object: KubeObject,
  order: StoredState['order'],
  { condition: next, how = 'ranked', answer, stored: changes = {}, nextAttemptMs }: StatusChange,
): (JsonObject & { conditions: Condition[] }) | 'stale' | 'unchanged' {
  const { uid } = object.metadata;
  const stored = storedStateOf(object);
  if (stored && isLater(stored.order, order) && stored.order.scheduledAt < Date.now() + FUTURE_MS) return 'stale';
  const status = object.status ?? {};
  const before = readyOf(status);
  const fresh: Condition = { type: 'Ready', ...next, lastTransitionTime: isoTime(Date.now()) };
  const condition = mergeCondition(before, fresh, { how, preconditions: PRECONDITIONS });
  const isOlder = (before?.observedGeneration ?? 0) > (next.observedGeneration ?? 0);
  const { uid: _uid, order: _order, ...kept } = stored ?? { uid, order };
  const isShown = condition.reason === next.reason && condition.observedGeneration === next.observedGeneration;
  const forPeople = { workflowId: workflowIdOf(object), nextAttempt: isShown ? timeOf(nextAttemptMs) : null };
  const all = Object.entries({ ...kept, ...changes, ...forPeople });
  const facts = Object.fromEntries(all.filter(([, value]) => value !== null));
  const { conditions: _conditions, [STORED_STATE]: _stored, ...shown } = status;
  const fitting = answer === undefined || isOlder ? undefined : limitStatusSize(answer);
  const message =
    fitting?.cut === undefined ? condition.message : [condition.message, fitting.cut].filter(Boolean).join('; ');
  const shownCondition = message === condition.message ? condition : { ...condition, ...(message && { message }) };
  const { observedGeneration } = shownCondition;
  const body = {
    ...(fitting?.status ?? shown),
    ...(observedGeneration !== undefined && { [OBSERVED_GENERATION]: observedGeneration }),
    conditions: [keepTime(before, shownCondition)],
  };
  const isSame = isDeepStrictEqual(body, { ...shown, conditions: status.conditions }) && isDeepStrictEqual(facts, kept);
  return isSame ? 'unchanged' : { ...body, [STORED_STATE]: { ...facts, uid, order: { ...order } } };
}

function readyOf(status: { readonly conditions?: Condition[] } | undefined): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

/** Absent again as soon as the attempt has written something: whoever does not name a time removes it. */
function timeOf(nextAttemptMs: number | undefined): string | null {
  return nextAttemptMs === undefined || nextAttemptMs < SHOWN_FROM_MS ? null : isoTime(Date.now() + nextAttemptMs);
}

function workflowIdOf({ apiVersion, kind, metadata: { namespace = '', name } }: KubeObject): string {
  const [group = ''] = apiVersion.split('/');
  return workflowId({ group, kind, namespace, name });
}

/** A condition that does not change keeps its lastTransitionTime. */
function keepTime(before: Condition | undefined, condition: Condition): Condition {
  if (!before) return condition;
  const same = isDeepStrictEqual({ ...before, lastTransitionTime: '' }, { ...condition, lastTransitionTime: '' });
  return same ? before : condition;
}

async function patchStatus(
  { kube }: Deps,
  { path, object, status }: { path: ReturnType<typeof pathOf>; object: KubeObject; status: JsonObject },
): Promise<void> {
  await kube.jsonPatch<KubeObject>(
    { ...path, subresource: 'status' },
    [
      { op: 'test', path: '/metadata/uid', value: object.metadata.uid },
      { op: 'test', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
      { op: 'add', path: '/status', value: status },
    ],
    { fieldManager: FIELD_MANAGERS.status },
  );
}

/** To the second, as Kubernetes writes times. */
function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
