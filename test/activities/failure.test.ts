import { describe, expect, it } from '@jest/globals';
import { failureOf, type Failure } from '../../activities/failure.ts';
import { Refusal, StepError } from '../../activities/step-error.ts';
import { ArmError, ownError } from '../../azure/arm-error.ts';
import { KubeError } from '../../kube/errors.ts';

const group = { group: 'resources.azure.com', kind: 'ResourceGroup' };
const account = { group: 'documentdb.azure.com', kind: 'DatabaseAccount' };
const machine = { group: 'compute.azure.com', kind: 'VirtualMachine' };
const SECRET = 'hunter2-s3cret';

interface Row {
  readonly why: string;
  readonly error: unknown;
  readonly ref?: { group: string; kind: string };
  readonly deleting?: true;
  readonly gives: string;
  readonly stored?: Failure['stored'];
}

const arm = (status: number, code: string, message = 'm'): ArmError => new ArmError({ status, code, message });

const ROWS: readonly Row[] = [
  { why: 'a code of ARM is the reason', error: arm(409, 'Conflict'), gives: 'Conflict Warning Slow' },
  {
    why: 'one that is hopeless ends the run',
    error: arm(400, 'LocationRequired'),
    gives: 'LocationRequired Error Fatal',
  },
  { why: 'what throttles says so by its status', error: arm(429, 'Odd'), gives: 'Odd Warning Throttled' },
  {
    why: 'a deletion never gives up',
    error: arm(400, 'LocationRequired'),
    deleting: true,
    gives: 'LocationRequired Warning VerySlow',
  },
  {
    why: 'a kind reads a code in its own way, wherever it was thrown',
    error: arm(503, 'ServiceUnavailable', 'high demand in East US'),
    ref: account,
    gives: 'ServiceUnavailable Error Fatal',
  },
  {
    why: 'for another kind it may pass',
    error: arm(503, 'ServiceUnavailable', 'high demand in East US'),
    gives: 'ServiceUnavailable Warning Slow',
  },
  {
    why: 'the same holds for a whole group',
    error: arm(400, 'OperationNotAllowed'),
    ref: machine,
    gives: 'OperationNotAllowed Warning Slow',
  },
  {
    why: 'the client says itself that an id is none',
    error: ownError('AzureNameInvalid', 'm'),
    gives: 'AzureNameInvalid Error Fatal',
  },
  {
    why: 'a credential that cannot be used is one that is not there',
    error: ownError('CredentialNotFound', 'm'),
    gives: 'CredentialNotFound Warning Fast',
  },
  {
    why: 'a refusal of the first PUT: nothing was made, and the name may be changed',
    error: new Refusal(arm(400, 'ReservedResourceName'), { nothingExists: true }),
    gives: 'ReservedResourceName Warning VerySlow',
    stored: { sending: null, refused: true },
  },
  {
    why: 'a refusal of an update: it was not taken',
    error: new Refusal(arm(400, 'PropertyChangeNotAllowed'), { nothingExists: false }),
    gives: 'PropertyChangeNotAllowed Error Fatal',
    stored: { sending: null },
  },
  { why: 'our own reason, by its row', error: new StepError('InvalidSpec', 'm'), gives: 'InvalidSpec Error Fatal' },
  {
    why: 'a wait that begins in the middle of a step is Fast, as in ASO',
    error: new StepError('SecretNotFound', 'm'),
    gives: 'SecretNotFound Warning Fast',
  },
  {
    why: 'an exception at the throw',
    error: new StepError('FailedWritingAdditionalKubernetesObjects', 'm', { retry: 'Slow' }),
    gives: 'FailedWritingAdditionalKubernetesObjects Warning Slow',
  },
  {
    why: 'our own reasons do not end a deletion either',
    error: new StepError('InvalidSpec', 'm'),
    deleting: true,
    gives: 'InvalidSpec Warning VerySlow',
  },
  {
    why: 'the deletion of what was replaced does end',
    error: new StepError('Superseded', 'm'),
    deleting: true,
    gives: 'Superseded Info Fatal',
  },
  {
    why: 'the API server is expected back at once',
    error: new KubeError({ status: 0, reason: 'Unreachable', message: 'm' }),
    gives: 'Failed Warning Fast',
  },
  { why: 'a bug', error: new TypeError(`cannot read ${SECRET}`), gives: 'Failed Warning Slow' },
  { why: 'whatever else may be thrown', error: SECRET, gives: 'Failed Warning Slow' },
];

describe('failureOf', () => {
  it.each(ROWS)('$why: $gives', ({ error, ref = group, deleting = false, gives, stored }) => {
    const failure = failureOf(error, { ref, deleting });
    expect(`${failure.reason} ${failure.severity} ${failure.retry}`).toBe(gives);
    expect(failure.stored).toEqual(stored);
    expect(failure.message).not.toContain(SECRET);
  });

  it('names the line of code of a bug, without the message of the error', () => {
    const { message } = failureOf(new TypeError(SECRET), { ref: group, deleting: false });
    expect(message).toMatch(/^unexpected TypeError at .*failure\.test\.ts:\d+/);
  });

  it('keeps the Retry-After of Azure', () => {
    const error = new ArmError({ status: 503, code: 'ServiceUnavailable', message: 'm', retryAfterMs: 7_000 });
    expect(failureOf(error, { ref: group, deleting: false }).retryAfterMs).toBe(7_000);
  });
});
