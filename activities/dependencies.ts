import type { ArmClient, ArmAddress } from '../azure/contract.ts';
import type { Policy } from '../contract/policy.ts';
import type { KubeClient } from '../kube/contract.ts';
import type { EventRecorder } from '../kube/event-recorder.ts';
import type { JsonObject, Kinds } from '../kinds/contract.ts';
import type { Seal } from './exports/seal.ts';
import type { Expressions } from './expressions/expression-threads.ts';
import type { StepContext } from './step-context.ts';
import type { StepOutcome } from './step-outcome.ts';

/** The credential that a resource is managed with, and the ARM client that uses it. */
export interface AzureAccess {
  readonly arm: ArmClient;
  /** The name of the credential's Secret, or `global`; for messages. */
  readonly from: string;
  /** Lists the keys of a Cosmos DB account with the SDK's typed client. */
  cosmosKeys(target: ArmAddress): Promise<JsonObject>;
  /** Reads login and host name of a MySQL server with the SDK's typed client. */
  mysqlServer(target: ArmAddress): Promise<JsonObject>;
  /**
   * Adds the operator's finalizer to the credential's Secret: it must outlive the resources that are claimed with it.
   */
  hold(): Promise<void>;
}

/** The dependencies of all steps. The worker creates them once. */
export interface Dependencies {
  readonly kube: KubeClient;
  /** Writes Events beside the steps. */
  readonly events: Pick<EventRecorder, 'record'>;
  readonly kinds: Kinds;
  readonly seal: Seal;
  readonly expressions: Expressions;
  readonly settings: {
    readonly defaultPolicy: Policy;
    /** The operator's own namespace: its name in the annotation `operator-namespace`, and where its Leases are. */
    readonly operatorNamespace: string;
  };
  /**
   * Picks the credential: `credential-from`, then `aso-credential` of the namespace, then the global one.
   * @throws StepError CredentialNotFound
   */
  access(input: { namespace: string; credentialFrom: string | undefined }): Promise<AzureAccess>;
  /** Called once at the end of every attempt at a step. */
  observeStep(this: void, outcome: StepOutcome): void;
}

/** The dependencies of one attempt at a step. Calls of its `kube` end when the step is cancelled. */
export interface StepDependencies extends Dependencies {
  readonly step: StepContext;
}
