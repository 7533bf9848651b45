import { isObject } from './arm-error.ts';
import type { JsonObject } from './contract.ts';

/** What a word of ARM says. */
export type Standing = 'running' | 'succeeded' | 'failed';

/**
 * Every provisioningState of the type files, and those that only the recordings have. `running`: Azure works on it and comes to an end by itself.
 * `failed`: Azure gave up. `succeeded`: at rest, however well it is (`Disabled`, `Unhealthy`, waiting for a person): nothing ends by waiting.
 */
export const PROVISIONING_STATES: Readonly<Record<Standing, readonly string[]>> = {
  running: [
    ...[
      'Accepted',
      'AdminUpdating',
      'Approving',
      'Cleanup',
      'ConfiguringAAD',
      'Creating',
      'Deleting',
      'DeletingByProxy',
    ],
    ...['Deprovisioning', 'DisableRequested', 'Disabling', 'Dropping', 'EnableRequested', 'Enabling', 'InProgress'],
    ...['InfrastructureSetupComplete', 'InfrastructureSetupInProgress', 'InitializationInProgress', 'Initializing'],
    ...['InternallyReady', 'Joining', 'Leaving', 'Linking', 'Migrating', 'Moving', 'Pending', 'Preprovisioning'],
    ...['Provisioning', 'ProvisioningAccount', 'RecoveringScaleFailure', 'Registering', 'RegisteringDns', 'Rejecting'],
    ...['Renewing', 'ResolvingDns', 'Restoring', 'RollbackRequested', 'RollingBack', 'Running', 'Scaling'],
    ...['ScheduledForDelete', 'Starting', 'Stopping', 'Uninitialized', 'Unlinking', 'Unprovisioning', 'Unregistering'],
    ...['Updating', 'UpdatingByProxy', 'UpgradeRequested', 'ValidateSubscriptionQuotaBegin'],
    ...['ValidateSubscriptionQuotaEnd', 'WaitForRemoteCompletion', 'Waiting'],
  ],
  succeeded: [
    ...['AccessDenied', 'Activated', 'Active', 'Assigned', 'AwaitingManualAction', 'Completed', 'Created', 'Degraded'],
    ...[
      'Deleted',
      'Deprovisioned',
      'Disabled',
      'Disconnected',
      'Enabled',
      'Escalated',
      'Incomplete',
      'Initial',
      'Limited',
    ],
    ...['NeedRegistration', 'NotSpecified', 'Offline', 'Online', 'Provisioned', 'Ready', 'Registered'],
    ...['SecurityDomainRestore', 'Started', 'Stopped', 'Succeeded', 'SucceededWithIssues', 'Unhealthy', 'Unknown'],
    ...['Unrecognized', 'Unregistered'],
  ],
  failed: [
    ...['Canceled', 'Cancelled', 'DeleteError', 'DeleteFailed', 'Failed', 'Invalid', 'InvalidResponse', 'TimedOut'],
    ...['UpgradeFailed'],
  ],
};

const KNOWN: ReadonlyMap<string, Standing> = new Map(
  (['running', 'succeeded', 'failed'] as const).flatMap((standing) =>
    PROVISIONING_STATES[standing].map((word): [string, Standing] => [word.toLowerCase(), standing]),
  ),
);
/** How words that nobody has listed say that it is over and went wrong (`CreateFailed`, `ImportError`). */
const WENT_WRONG = /(failed|failure|error|timed_?out|cancell?ed|aborted)$/i;
/** And how they say that it goes on (`Repairing`, `RestoreInProgress`). */
const GOES_ON = /(ing|inprogress)$/i;

/** What an asynchronous operation's `status` says. Its running words are the provider's own (`Enqueued`, `Dequeued`): what is no known end, runs. */
export function standingOfOperation(word: string): Standing {
  const known = KNOWN.get(word.toLowerCase());
  if (known === 'running') return 'running';
  if (known === 'failed' || WENT_WRONG.test(word)) return 'failed';
  return /^(succeeded|succeededwithissues|completed)$/i.test(word) ? 'succeeded' : 'running';
}

/**
 * How a resource stands by its own account, and the word that says so; `Succeeded` where it has none (children of Cosmos and MySQL).
 * Its `provisioningState` counts, else its `state` (MySQL and PostgreSQL servers). A word that nobody knows is an end.
 */
export function standingOfResource(body: JsonObject | undefined): { standing: Standing; word: string } {
  const provisioning = provisioningStateOf(body);
  if (provisioning !== undefined) return { standing: standingOfState(provisioning), word: provisioning };
  const state = wordOf(body, 'state');
  if (state === undefined) return { standing: 'succeeded', word: 'Succeeded' };
  // `state` is a life, not an operation: a site that is Running, a package that is Pending until somebody activates it, are at rest.
  const resting = /^(running|pending|accepted|invalid)$/i.test(state);
  return { standing: resting ? 'succeeded' : standingOfState(state), word: state };
}

/** The resource's provisioningState, where it has one. */
export function provisioningStateOf(body: JsonObject | undefined): string | undefined {
  return wordOf(body, 'provisioningState');
}

function standingOfState(word: string): Standing {
  const known = KNOWN.get(word.toLowerCase());
  if (known !== undefined) return known;
  if (WENT_WRONG.test(word)) return 'failed';
  return GOES_ON.test(word) ? 'running' : 'succeeded';
}

function wordOf(body: JsonObject | undefined, key: string): string | undefined {
  const properties = body?.['properties'];
  const word = (isObject(properties) ? properties[key] : undefined) ?? body?.[key];
  return typeof word === 'string' && word !== '' ? word : undefined;
}
