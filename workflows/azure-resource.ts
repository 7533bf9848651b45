import {
  ActivityCancellationType,
  type ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, JsonObject, Plan, Target } from '../activities/contract.ts';
import { toFailure } from './failures.ts';
import {
  AzureKind,
  AzureResourceId,
  AzureState,
  ErrorCode,
  KubeName,
  KubeNamespace,
  type State,
} from './search-attributes.ts';
import {
  changed,
  progress,
  retry,
  type Applied,
  type AzureResourceInput,
  type Change,
  type ExportedObject,
} from './signals.ts';
import { StepList } from './step-list.ts';

// Every group names its cancellation type: the SDK documents WAIT_CANCELLATION_COMPLETED as the default but sends TRY_CANCEL. A short heartbeat timeout
// is how a killed worker is noticed; `maximumInterval` is the server's cap on the delays that the activities ask for.
const patience = { initialInterval: '1 second', backoffCoefficient: 1, maximumInterval: '2 hours' } as const;

/** Kubernetes API calls: short, idempotent, retried for ever. */
const kube = proxyActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  heartbeatTimeout: '3 seconds',
  retry: patience,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});
/** ARM requests. A cancelled one is awaited: the next reconcile must not race a PUT that is still on its way. */
const azure = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '3 seconds',
  retry: patience,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});
/** Polls only read, so a cancelled one is abandoned at once. */
const polls = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '3 seconds',
  scheduleToCloseTimeout: '6 hours',
  retry: patience,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

type ApplyPlan = Extract<Plan, { action: 'apply' | 'observe' }>;

/** A run younger than this is not continued as new: the server would hold the next one back for a second. */
const MINIMUM_RUN_MS = 1_100;
/** What a wait falls back to when the watcher's signal does not come. */
const WAIT_FALLBACK_MS = 5 * 60_000;

/** One Azure resource. One workflow id for its whole life, one run for each reconcile. */
export async function azureResource(input: AzureResourceInput): Promise<void> {
  const { ref } = input;
  const startedAt = Date.now();
  const steps = new StepList(`${ref.kind} **${ref.namespace}/${ref.name}**`);
  let handled: Change | undefined = input.handled;
  let latest: Change | undefined = input.handled;
  let applied: Applied | undefined = input.applied;
  let exported: readonly ExportedObject[] = input.exported ?? [];
  let operation: string | undefined = input.operation;
  let state: State = 'Resolving';
  let generation = 0;
  let armId: string | null = null;
  let waitingFor: string | null = null;
  let lastError: { reason: string; message: string } | null = null;
  let pending = false;
  let failures = 0;
  let again: number | null = null;
  let interruptible: CancellationScope | undefined;

  setHandler(
    changed,
    (change) => {
      latest = change;
      const news = change.fingerprint !== handled?.fingerprint;
      if (news || (waitingFor !== null && change.dependencies !== handled?.dependencies)) pending = true;
      if (news) interruptible?.cancel();
    },
    { description: 'The resource, or something it refers to, is not as it was. Sent by the watcher.' },
  );
  setHandler(
    retry,
    () => {
      pending = true;
      interruptible?.cancel();
    },
    { description: 'Reconcile now, whatever the back-off says.' },
  );
  setHandler(
    progress,
    () => ({
      state,
      step: steps.current,
      since: steps.since,
      generation,
      azureResourceId: armId,
      waitingFor,
      lastError,
    }),
    { description: 'Which step, since when, what it waits for, and the last error.' },
  );

  for (;;) {
    // Everything that arrived before this line is answered by the read that follows.
    pending = false;
    handled = latest;
    waitingFor = null;
    again = null;
    interruptible = undefined;
    // Until the resource is read nobody knows which generation it has: a failure to read it is one of the generation that is there then.
    generation = 0;
    steps.reset();
    let idleMs: number | null = null;
    try {
      const plan = await steps.run('resolveInputs', 'Read the resource, its owner and its inputs', (o) =>
        kube.resolveInputs.executeWithOptions(o, [{ ref }]),
      );
      if (plan.action === 'gone') {
        if (!pending) return show('Deleted');
        continue;
      }
      if (plan.action === 'delete' || plan.action === 'detach') {
        const wait = await remove(plan);
        if (!wait) {
          if (!pending) return show('Deleted');
          continue; // The name was created again meanwhile.
        }
        waitFor(wait);
        idleMs = WAIT_FALLBACK_MS;
      } else if (plan.action === 'wait') {
        generation = plan.generation;
        waitFor(plan);
        idleMs = WAIT_FALLBACK_MS;
      } else {
        idleMs = plan.resyncMs === null ? null : jitter(plan.resyncMs);
        interruptible = new CancellationScope();
        await interruptible.run(() => apply(plan));
        if (again !== null) idleMs = again;
      }
    } catch (err) {
      if (!isCancellation(err)) await reportFailure(toFailure(err));
      else if (CancellationScope.current().consideredCancelled)
        throw err; // `temporal workflow cancel`
      else pending = true; // Interrupted by news: read the resource again.
    }
    interruptible = undefined;
    if (!pending) await idle(idleMs);
    if (again === null && waitingFor === null && Date.now() - startedAt >= MINIMUM_RUN_MS) break;
    if (workflowInfo().continueAsNewSuggested) break;
  }
  await continueAsNew<typeof azureResource>({
    ref,
    exported,
    ...(latest && { handled: latest }),
    ...(applied && { applied }),
    ...(operation !== undefined && { operation }),
  });

  async function idle(milliseconds: number | null): Promise<void> {
    if (milliseconds === null) await condition(() => pending);
    else
      await condition(() => pending, milliseconds, {
        summary: again !== null ? 'send again' : waitingFor === null ? 'next resync' : 'look again',
      });
  }

  function waitFor({ reason, message }: { reason: string; message: string }): void {
    waitingFor = message;
    show('Waiting', reason);
    steps.note(`… Waiting: ${message}`);
    // What changed while the step was reading may be just what it waits for.
    if (latest?.dependencies !== handled?.dependencies) pending = true;
  }

  /** The deletion path stands outside every cancellable scope: a second deleting signal must not interrupt it. */
  async function remove(
    plan: Extract<Plan, { action: 'delete' | 'detach' }>,
  ): Promise<{ reason: string; message: string } | undefined> {
    operation = undefined;
    if (plan.action === 'delete') {
      const { target } = plan;
      seen(target);
      show('Deleting');
      const deletion = await steps.run('deleteResource', `Delete ${shortId(target.armId)}`, (o) =>
        azure.deleteResource.executeWithOptions(o, [{ target }]),
      );
      if (deletion.wait) return deletion.wait;
      if (deletion.operation !== undefined) {
        const running = deletion.operation;
        await steps.run('pollDeletion', 'Wait until Azure has deleted it', (o) =>
          polls.pollDeletion.executeWithOptions(o, [{ target, operation: running }]),
        );
      }
    }
    const uid = plan.action === 'delete' ? plan.target.uid : plan.uid;
    await steps.run('releaseFinalizer', 'Release the resource', (o) =>
      kube.releaseFinalizer.executeWithOptions(o, [{ ref, uid }]),
    );
    applied = undefined;
    exported = [];
    return undefined;
  }

  async function apply(plan: ApplyPlan): Promise<void> {
    const { target } = plan;
    seen(target);
    if (operation !== undefined) {
      // News came while Azure was working: the operation is still followed to its end before anything else is sent.
      if (!(await poll(target, operation))) return;
    }
    show('Applying');
    const observe = plan.action === 'observe';
    const what = observe ? 'Look at' : 'Apply generation ' + target.generation + ' to';
    const sent = await steps.run('createOrUpdate', `${what} ${shortId(target.armId)}`, (o) =>
      azure.createOrUpdate.executeWithOptions(o, [
        { target, ...(applied && { applied }), ...(observe && { observe }) },
      ]),
    );
    if (sent.result === 'superseded') {
      pending = true;
      return;
    }
    if (sent.applied) applied = sent.applied;
    if (sent.result === 'operation') operation = sent.operation;
    const end = sent.result === 'operation' ? await poll(target, sent.operation, sent.corrects) : sent;
    if (!end) return;
    if (applied && 'settled' in end && end.settled) applied = { ...applied, settled: end.settled };
    if (applied?.settled) steps.note(`Azure keeps its own value of ${applied.settled.join(', ')}`);
    const { status } = end;
    await exportValues(plan);
    await steps.run('patchReady', 'Report Ready', (o) => kube.patchReady.executeWithOptions(o, [{ target, status }]));
    lastError = null;
    failures = 0;
    show('Ready');
  }

  /** Undefined: Azure gave up on the operation for a reason that may pass, and `again` says when to send it once more. */
  async function poll(
    target: Target,
    running: string,
    corrects?: readonly string[],
  ): Promise<{ status: JsonObject; settled?: readonly string[] } | undefined> {
    show('Provisioning');
    try {
      const end = await steps.run('pollProvisioning', `Wait for Azure to finish ${shortId(target.armId)}`, (o) =>
        polls.pollProvisioning.executeWithOptions(o, [
          { target, operation: running, failures, ...(corrects && { corrects }) },
        ]),
      );
      operation = undefined;
      if ('status' in end) return end;
      const { reason, message, delayMs } = end.failed;
      applied = undefined;
      failures += 1;
      again = delayMs;
      lastError = { reason, message };
      show('Failed', reason);
      steps.note(`✗ Azure gave up: ${message}. It is sent again in ${Math.round(delayMs / 1000)} s`);
      return undefined;
    } catch (err) {
      // A failed operation is over, and what it was to apply has not been applied.
      if (!isCancellation(err)) {
        operation = undefined;
        applied = undefined;
      }
      throw err;
    }
  }

  async function exportValues(plan: ApplyPlan): Promise<void> {
    if (!plan.exports && exported.length === 0) return;
    const { target } = plan;
    show('Exporting');
    const keys = plan.exports
      ? await steps.run('fetchKeys', 'Fetch the values to export', (o) =>
          azure.fetchKeys.executeWithOptions(o, [{ target }]),
        )
      : undefined;
    const { written } = await steps.run('writeSecrets', 'Write the Secrets and ConfigMaps', (o) =>
      kube.writeSecrets.executeWithOptions(o, [{ target, previous: exported, ...(keys && { sealed: keys.sealed }) }]),
    );
    exported = written;
  }

  /** Tell the user in the resource, then fail the run, unless a newer change already asks for the next one. */
  async function reportFailure(failure: ApplicationFailure): Promise<void> {
    const reason = failure.type ?? 'UnknownError';
    const { message } = failure;
    lastError = { reason, message };
    show('Failed', reason);
    await steps.run('reportFailure', 'Report the failure', (o) =>
      kube.reportFailure.executeWithOptions(o, [{ ref, generation, reason, message }]),
    );
    if (!pending) throw failure;
  }

  function seen(target: Target): void {
    generation = target.generation;
    armId = target.armId;
    steps.setArmId(target.armId);
  }

  /** Writes what has changed of the search attributes, in one call. They outlive continue-as-new, so an old error code is taken away. */
  function show(next: State, errorCode?: string): void {
    state = next;
    const now = workflowInfo().typedSearchAttributes;
    const wanted = [
      { key: AzureKind, value: ref.kind },
      { key: KubeNamespace, value: ref.namespace },
      { key: KubeName, value: ref.name },
      { key: AzureState, value: next as string },
      ...(armId === null ? [] : [{ key: AzureResourceId, value: armId.slice(0, 255) }]),
      ...(errorCode === undefined ? [] : [{ key: ErrorCode, value: errorCode }]),
    ].filter(({ key, value }) => now.get(key) !== value);
    const stale = errorCode === undefined && now.get(ErrorCode) !== undefined;
    const pairs = [...wanted, ...(stale ? [{ key: ErrorCode, value: null }] : [])];
    if (pairs.length > 0) upsertSearchAttributes(pairs);
  }
}

/** ±10 %, so that resources created together do not resync together. Math.random is seeded per run. */
function jitter(milliseconds: number): number {
  return Math.round(milliseconds * (0.9 + 0.2 * Math.random()));
}

/** Type and name, the end of an ARM id: what fits into a line of the UI. */
function shortId(armId: string): string {
  return armId.split('/').slice(-2).join('/');
}
