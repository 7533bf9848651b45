/**
 * The long-running operations of a type. The style is that of its PUT: `accepted` answers 202 without a body; `status`
 * answers the unfinished resource and a status URL; `resource` answers the unfinished resource only.
 */
export interface LongRunning {
  readonly style: 'accepted' | 'status' | 'resource' | 'synchronous';
  /** How long a creation takes, at time scale 1. */
  readonly createMs: number;
  readonly updateMs: number;
  /** 0: a DELETE is synchronous. */
  readonly deleteMs: number;
  readonly retryAfterSeconds: number | undefined;
  /** The provisioning state while the operation is running. */
  readonly provisioningState: string;
}

const synchronous: LongRunning = {
  style: 'synchronous',
  createMs: 0,
  updateMs: 0,
  deleteMs: 0,
  retryAfterSeconds: undefined,
  provisioningState: 'Updating',
};

/** Types whose operations were recorded as long-running or are known to be. All other types are synchronous. */
const longRunning: readonly (readonly [RegExp, LongRunning])[] = [
  [
    /^microsoft\.dbforpostgresql\/flexibleservers$/,
    {
      style: 'accepted',
      createMs: 200_000,
      updateMs: 60_000,
      deleteMs: 30_000,
      retryAfterSeconds: 60,
      provisioningState: 'Updating',
    },
  ],
  [
    /^microsoft\.dbforpostgresql\/flexibleservers\//,
    {
      style: 'accepted',
      createMs: 15_000,
      updateMs: 15_000,
      deleteMs: 15_000,
      retryAfterSeconds: 10,
      provisioningState: 'Updating',
    },
  ],
  [
    /^microsoft\.compute\/virtualmachine(s|scalesets)(\/extensions)?$/,
    {
      style: 'status',
      createMs: 45_000,
      updateMs: 20_000,
      deleteMs: 40_000,
      retryAfterSeconds: 10,
      provisioningState: 'Creating',
    },
  ],
  [
    /^microsoft\.compute\/(disks|snapshots|images|diskencryptionsets)$/,
    {
      style: 'status',
      createMs: 5_000,
      updateMs: 5_000,
      deleteMs: 5_000,
      retryAfterSeconds: undefined,
      provisioningState: 'Updating',
    },
  ],
  [
    /^microsoft\.network\/(virtualnetworks(\/subnets)?|publicipaddresses|loadbalancers|networksecuritygroups|routetables)$/,
    {
      style: 'status',
      createMs: 4_000,
      updateMs: 4_000,
      deleteMs: 11_000,
      retryAfterSeconds: 3,
      provisioningState: 'Updating',
    },
  ],
  [
    /^microsoft\.(servicebus|eventhub)\/namespaces$/,
    {
      style: 'status',
      createMs: 60_000,
      updateMs: 10_000,
      deleteMs: 60_000,
      retryAfterSeconds: undefined,
      provisioningState: 'Creating',
    },
  ],
  [
    /^microsoft\.(containerservice\/managedclusters|sql\/servers|documentdb\/(mongoclusters|cassandraclusters))$/,
    {
      style: 'status',
      createMs: 180_000,
      updateMs: 60_000,
      deleteMs: 120_000,
      retryAfterSeconds: 15,
      provisioningState: 'Creating',
    },
  ],
  [
    /^microsoft\.keyvault\/vaults$/,
    {
      style: 'resource',
      createMs: 25_000,
      updateMs: 0,
      deleteMs: 0,
      retryAfterSeconds: undefined,
      provisioningState: 'RegisteringDns',
    },
  ],
  [
    /^microsoft\.(cache\/redis|search\/searchservices)$/,
    {
      style: 'resource',
      createMs: 300_000,
      updateMs: 30_000,
      deleteMs: 60_000,
      retryAfterSeconds: undefined,
      provisioningState: 'Creating',
    },
  ],
];

/** The long-running operations of a type. */
export function longRunningOf(type: string): LongRunning {
  const lower = type.toLowerCase();
  return longRunning.find(([pattern]) => pattern.test(lower))?.[1] ?? synchronous;
}

/** For a fault that fails an operation: a synchronous type then gets an operation that can fail. */
export const forcedToFail: LongRunning = {
  ...synchronous,
  style: 'status',
  createMs: 10_000,
  updateMs: 10_000,
  retryAfterSeconds: 10,
};
