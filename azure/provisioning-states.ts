/** The meaning of a status word of ARM. */
export type Phase = 'running' | 'succeeded' | 'failed';

/**
 * Every provisioningState of the type files, and those that occur only in the recordings. `running`: Azure is working
 * and will end by itself. `failed`: Azure gave up. `succeeded`: at rest, even if it is not healthy (`Disabled`,
 * `Unhealthy`, waiting for a person): waiting would not change it.
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
