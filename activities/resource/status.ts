import { isDeepStrictEqual } from 'node:util';
import type { OwnReason } from '../../azure/reasons.ts';
import { STORED_STATE, type StoredState } from '../../contract/stored-state.ts';
import { mergeCondition } from '../../kube/conditions.ts';
import type { Condition, JsonObject, KubeObject } from '../../kube/contract.ts';
import { KubeError } from '../../kube/errors.ts';
import { FIELD_MANAGERS } from '../../kube/names.ts';
import type { StepDependencies } from '../dependencies.ts';
import { fittingStatus } from './fitting-status.ts';
import { pathOf, type Resource } from './resource.ts';
import { isLater } from '../step-context.ts';
import { storedStateOf } from './stored-state.ts';

export type NewCondition = Omit<Condition, 'type' | 'lastTransitionTime'>;

/** Changes of what is stored; null takes a field away, what is absent stays. */
export type StoredChanges = {
  readonly [K in Exclude<keyof StoredState, 'uid' | 'order'>]?: StoredState[K] | null;
};

export interface StatusChange {
  readonly condition: NewCondition;
  /**
   * `ranked` (default): by ASO's rules, so that Ready does not flicker. `solved`: `Reconciling` also replaces a precondition that is met by now.
   * `now`: whatever is going on now replaces what was said of this generation.
   */
  readonly how?: 'ranked' | 'solved' | 'now';
  /** Azure's answer in the resource's naming: replaces the whole status but for what is ours. */
  readonly answer?: JsonObject;
  readonly stored?: StoredChanges;
}

/** `stale`: a later step has written already. `gone`: the resource is no more, or another one has its name. In both cases nothing was written. */
export type StatusOutcome = 'written' | 'stale' | 'gone';

/** They are evidently met when a PUT is about to be sent. The same as ASO's. */
const PRECONDITIONS: readonly OwnReason[] = [
  'WaitingForOwner',
  'SecretNotFound',
  'ConfigMapNotFound',
  'ReferenceNotFound',
];
const TRIES = 8;
/** A clock that was set back must not lock the status for ever. */
const FUTURE_MS = 5 * 60_000;

type Deps = Pick<StepDependencies, 'kube' | 'step'>;

/**
 * Writes condition, status and stored state in one request; nothing is sent when nothing differs.
 *
 * A status write ignores a wrong uid and a newer version, so the patch tests both: a resource that was created again is never given its predecessor's
 * status, and what somebody wrote since the read is read again and decided anew. A step that was cancelled, or whose successor has written, writes nothing.
 */
export async function writeStatus(deps: Deps, resource: Resource, change: StatusChange): Promise<StatusOutcome> {
  const path = pathOf(resource.kind, resource.ref);
  let object: KubeObject | undefined = resource.object;
  for (let tries = 1; ; tries += 1) {
    if (object === undefined || object.metadata.uid !== resource.object.metadata.uid) return 'gone';
    const status = statusAfter(object, deps.step.order, change);
    if (status === 'stale') return 'stale';
    if (status === 'unchanged') return 'written';
    deps.step.throwIfCancelled();
    try {
      await patchStatus(deps, { path, object, status });
      return 'written';
    } catch (error) {
      const moved =
        error instanceof KubeError && (error.status === 422 || error.status === 409 || error.status === 404);
      if (!moved || tries === TRIES) throw error;
      object = await deps.kube.get<KubeObject>(path);
    }
  }
}

/** The whole status as it is to be, or why there is nothing to write. */
export function statusAfter(
  object: KubeObject,
  order: StoredState['order'],
  { condition: next, how = 'ranked', answer, stored: changes = {} }: StatusChange,
): JsonObject | 'stale' | 'unchanged' {
  const { uid } = object.metadata;
  const stored = storedStateOf(object);
  if (stored && isLater(stored.order, order) && stored.order.scheduledAt < Date.now() + FUTURE_MS) return 'stale';
  const status = object.status ?? {};
  const before = status.conditions?.find(({ type }) => type === 'Ready');
  const fresh: Condition = { type: 'Ready', ...next, lastTransitionTime: now() };
  const condition = mergeCondition(before, fresh, { how, preconditions: PRECONDITIONS });
  const isOlder = (before?.observedGeneration ?? 0) > (next.observedGeneration ?? 0);
  const { uid: _uid, order: _order, ...kept } = stored ?? { uid, order };
  const facts = Object.fromEntries(Object.entries({ ...kept, ...changes }).filter(([, value]) => value !== null));
  const { conditions: _conditions, [STORED_STATE]: _stored, ...shown } = status;
  const fitting = answer === undefined || isOlder ? undefined : fittingStatus(answer);
  const message =
    fitting?.cut === undefined ? condition.message : [condition.message, fitting.cut].filter(Boolean).join('; ');
  const shownCondition = message === condition.message ? condition : { ...condition, ...(message && { message }) };
  const body = { ...(fitting?.status ?? shown), conditions: [keepTime(before, shownCondition)] };
  const isSame = isDeepStrictEqual(body, { ...shown, conditions: status.conditions }) && isDeepStrictEqual(facts, kept);
  return isSame ? 'unchanged' : { ...body, [STORED_STATE]: { ...facts, uid, order: { ...order } } };
}

/** An equal condition keeps its time. */
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

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}
