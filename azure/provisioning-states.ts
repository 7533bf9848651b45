/** What a word of ARM says. */
export type Phase = 'running' | 'succeeded' | 'failed';

/**
 * Every provisioningState of the type files, and those that only the recordings have. `running`: Azure works on it and
 * comes to an end by itself. `failed`: Azure gave up. `succeeded`: at rest, however well it is (`Disabled`,
 * `Unhealthy`, waiting for a person): nothing ends by waiting.
 */
export const PROVISIONING_STATES: Readonly<Record<Phase, readonly string[]>> = {
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
