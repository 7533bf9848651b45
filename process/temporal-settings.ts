import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { TemporalPlace } from './temporal-problem.ts';

/** Where Temporal is, and the options to connect to it. */
export interface TemporalSettings extends TemporalPlace {
  readonly options: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
}

/**
 * Reads Temporal's own variables (TEMPORAL_*) and its configuration file.
 * @throws Error that says which setting is wrong
 */
export function readTemporalSettings(): TemporalSettings {
  const { connectionOptions: options, namespace = 'default' } = loadClientConnectConfig();
  const { address = 'localhost:7233' } = options;
  if (URL.parse(/^[a-z]+:\//.test(address) ? address : `http://${address}`) === null)
    throw new Error(`TEMPORAL_ADDRESS is "${address}"; it must be a host and a port, such as temporal-frontend:7233`);
  return { options, namespace, address };
}
