import type { ArmClient, ArmAddress } from '../azure/contract.ts';
import type { Policy } from '../contract/policy.ts';
import type { KubeClient } from '../kube/contract.ts';
import type { JsonObject, Kinds } from '../kinds/contract.ts';
import type { Seal } from './exports/seal.ts';
import type { StepContext } from './step-context.ts';

/** The credential that a resource is managed with, and the ARM client that uses it. */
export interface AzureAccess {
  readonly arm: ArmClient;
  /** Which credential it is, for messages: a Secret's name or `global`. */
  readonly from: string;
  /** Cosmos DB's keys through its typed SDK client. */
  cosmosKeys(target: ArmAddress): Promise<JsonObject>;
  /** A MySQL server's login and address through its typed SDK client. */
  mysqlServer(target: ArmAddress): Promise<JsonObject>;
  /** Puts our finalizer on the credential's Secret, so that it outlives what is claimed with it. */
  hold(): Promise<void>;
}

/** What the steps work with; made once by the worker. */
export interface Dependencies {
  readonly kube: KubeClient;
  readonly kinds: Kinds;
  readonly seal: Seal;
  readonly settings: {
    readonly defaultPolicy: Policy;
  };
  /**
   * Picks the credential: `credential-from`, then `aso-credential` of the namespace, then the global one.
   * @throws StepError CredentialNotFound
   */
  access(input: { namespace: string; credentialFrom: string | undefined }): Promise<AzureAccess>;
}

/** What one attempt at a step works with. Its `kube` ends with the step. */
export interface StepDependencies extends Dependencies {
  readonly step: StepContext;
}
