import { ArmError } from '../azure/arm-error.ts';
import { classify } from '../azure/classify.ts';
import { hideSecrets } from '../azure/clean-message.ts';
import type { RetryClass, Severity } from '../azure/contract.ts';
import { rowOf } from '../azure/reasons.ts';
import { quirkOf } from '../kinds/quirks/registry.ts';
import { KubeError } from '../kube/errors.ts';
import type { StepDependencies } from './dependencies.ts';
import type { Resource } from './resource/resource.ts';
import type { StoredChanges } from './resource/status.ts';
import { secretsToHide, type SecretsToHide } from './secrets-to-hide.ts';
import { Refusal, StepError } from './step-error.ts';

/** What an error means for the resource: what the condition says, and how soon the step is retried. */
export interface Failure {
  /** A reason of `azure/reasons.ts`, or an error code of ARM. */
  readonly reason: string;
  /** Without the secret values of the resource. */
  readonly message: string;
  readonly severity: Severity;
  readonly retry: RetryClass;
  readonly retryAfterMs?: number | undefined;
  /** ARM's x-ms-request-id, if ARM answered. */
  readonly requestId?: string | undefined;
  /** What the error proves about Azure; stored together with the condition. */
  readonly stored?: StoredChanges;
}

export interface FailureContext {
  /** The kind: a few kinds have a quirk that classifies an error code of ARM differently. */
  readonly ref: { readonly group: string; readonly kind: string };
  /** Whether the step belongs to a deletion, which is retried for ever. */
  readonly deleting: boolean;
}

/**
 * The failure to show for whatever a step threw: in the condition, in Temporal, in the resource's events. This is the
 * one place where errors become text. If it is text of ARM, the secret values of the resource are read (`read` reads
 * the resource) and masked in it.
 */
export async function shownFailure(
  deps: Pick<StepDependencies, 'kube' | 'step'>,
  error: unknown,
  context: FailureContext & { readonly read: () => Promise<Resource | undefined> },
): Promise<Failure> {
  const quotes = armErrorOf(error)?.quotes ?? false;
  const secrets = quotes ? await secretsToHide(deps, context.read) : { values: deps.step.secrets, complete: true };
  return failureOf(error, { ...context, secrets });
}

function armErrorOf(error: unknown): ArmError | undefined {
  if (error instanceof Refusal) return error.error;
  return error instanceof ArmError ? error : undefined;
}

/**
 * Classifies whatever a step threw, by the table of reasons.
 *
 * Every error passes through here, and no error of a client leaves an activity: its message and cause may contain a
 * secret, and Temporal stores both.
 */
export function failureOf(error: unknown, context: Hiding): Failure {
  if (error instanceof Refusal) {
    const stored = { sending: null, ...(error.nothingExists && { refused: true as const }) };
    return { ...armFailure(error.error, context), stored };
  }
  if (error instanceof ArmError) return armFailure(error, context);
  return ownFailure(error instanceof StepError ? error : asStepError(error), context);
}

type Hiding = FailureContext & { readonly secrets: SecretsToHide };

function armFailure(error: ArmError, { ref, deleting, secrets }: Hiding): Failure {
  const { status, code, message, retryAfterMs, requestId } = error;
  const retry = quirkOf(ref).retryOf?.({ status, code, message });
  const classified = classify(error, { retry, deleting });
  const shown = secrets.complete ? error.hiding(secrets.values) : error.withoutText();
  const reason = shown.code === code ? classified.reason : shown.code;
  return { ...classified, reason, message: shown.message, retryAfterMs, requestId };
}

function ownFailure(error: StepError, { deleting, secrets }: Hiding): Failure {
  const { reason, severity, retry } = error;
  const message = hideSecrets(error.message, secrets.values);
  // A step of a resource that was replaced (Superseded) ends, even in a deletion.
  const isGivenUp = !deleting || rowOf(reason).retry === 'None';
  if (retry !== 'Fatal' || isGivenUp) return { reason, message, severity, retry };
  return { reason, message, severity: 'Warning', retry: 'VerySlow' };
}

function asStepError(error: unknown): StepError {
  // The API server usually recovers soon, and a request to it costs little.
  if (error instanceof KubeError) return new StepError('Failed', error.message, { retry: 'Fast' });
  // A bug: its message may contain a secret, so only the class of the error and the line of code are reported.
  const name = error instanceof Error ? error.name : typeof error;
  const line = error instanceof Error ? /\n\s+at ([^\n]+)/.exec(error.stack ?? '')?.[1] : undefined;
  const location = line?.replace(/.*\/(?=[^/]+\/[^/]+$)/, '') ?? 'an unknown line of code';
  return new StepError('Failed', `unexpected ${name} at ${location}`);
}
