import { describe, expect, it } from '@jest/globals';
import { failureOf, type Failure } from '../../activities/failure.ts';
import { Refusal, StepError } from '../../activities/step-error.ts';
import { ArmError, armErrorOfAnswer, ownError } from '../../azure/arm-error.ts';
import { KubeError } from '../../kube/errors.ts';

const group = { group: 'resources.azure.com', kind: 'ResourceGroup' };
const account = { group: 'documentdb.azure.com', kind: 'DatabaseAccount' };
const machine = { group: 'compute.azure.com', kind: 'VirtualMachine' };
const SECRET = 'hunter2-s3cret';
const none = { values: [], complete: true } as const;

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
    why: 'a fatal code of ARM ends the run',
    error: arm(400, 'LocationRequired'),
    gives: 'LocationRequired Error Fatal',
  },
  { why: 'a 429 is throttling, whatever its code', error: arm(429, 'Odd'), gives: 'Odd Warning Throttled' },
  {
    why: 'a deletion is retried for ever',
    error: arm(400, 'LocationRequired'),
    deleting: true,
    gives: 'LocationRequired Warning VerySlow',
  },
  {
    why: 'the quirk of a kind classifies a code, in whichever step',
    error: arm(503, 'ServiceUnavailable', 'high demand in East US'),
    ref: account,
    gives: 'ServiceUnavailable Error Fatal',
  },
  {
    why: 'for another kind the same code is retried',
    error: arm(503, 'ServiceUnavailable', 'high demand in East US'),
    gives: 'ServiceUnavailable Warning Slow',
  },
  {
    why: 'a quirk may apply to a whole group',
    error: arm(400, 'OperationNotAllowed'),
    ref: machine,
    gives: 'OperationNotAllowed Warning Slow',
  },
  {
    why: 'the client refuses what is not an ARM id',
    error: ownError('AzureNameInvalid', 'm'),
    gives: 'AzureNameInvalid Error Fatal',
  },
  {
    why: 'an unusable credential counts as not found',
    error: ownError('CredentialNotFound', 'm'),
    gives: 'CredentialNotFound Warning Fast',
  },
  {
    why: 'a refusal of the first PUT: nothing exists, and the name may be changed',
    error: new Refusal(arm(400, 'ReservedResourceName'), { nothingExists: true }),
    gives: 'ReservedResourceName Warning VerySlow',
    stored: { sending: null, refused: true },
  },
  {
    why: 'a refusal of an update: Azure did not apply it',
    error: new Refusal(arm(400, 'PropertyChangeNotAllowed'), { nothingExists: false }),
    gives: 'PropertyChangeNotAllowed Error Fatal',
    stored: { sending: null },
  },
  { why: 'an own reason, as its row says', error: new StepError('InvalidSpec', 'm'), gives: 'InvalidSpec Error Fatal' },
  {
    why: 'an input that disappears during a step is retried Fast, as in ASO',
    error: new StepError('SecretNotFound', 'm'),
    gives: 'SecretNotFound Warning Fast',
  },
  {
    why: 'a retry class that is set where the error is thrown',
    error: new StepError('FailedWritingAdditionalKubernetesObjects', 'm', { retry: 'Slow' }),
    gives: 'FailedWritingAdditionalKubernetesObjects Warning Slow',
  },
  {
    why: 'a fatal own reason does not end a deletion',
    error: new StepError('InvalidSpec', 'm'),
    deleting: true,
    gives: 'InvalidSpec Warning VerySlow',
  },
  {
    why: 'the deletion of a resource that was replaced ends',
    error: new StepError('Superseded', 'm'),
    deleting: true,
    gives: 'Superseded Info Fatal',
  },
  {
    why: 'an error of the API server is retried Fast',
    error: new KubeError({ status: 0, reason: 'Unreachable', message: 'm' }),
    gives: 'Failed Warning Fast',
  },
  { why: 'a bug', error: new TypeError(`cannot read ${SECRET}`), gives: 'Failed Warning Slow' },
  { why: 'a value that is not an Error', error: SECRET, gives: 'Failed Warning Slow' },
];

describe('failureOf', () => {
  it.each(ROWS)('$why: $gives', ({ error, ref = group, deleting = false, gives, stored }) => {
    const failure = failureOf(error, { ref, deleting, secrets: none });
    expect(`${failure.reason} ${failure.severity} ${failure.retry}`).toBe(gives);
    expect(failure.stored).toEqual(stored);
    expect(failure.message).not.toContain(SECRET);
  });

  it('names the line of code of a bug, without the message of the error', () => {
    const { message } = failureOf(new TypeError(SECRET), { ref: group, deleting: false, secrets: none });
    expect(message).toMatch(/^unexpected TypeError at .*failure\.test\.ts:\d+/);
  });

  it('keeps the Retry-After of Azure', () => {
    const error = new ArmError({ status: 503, code: 'ServiceUnavailable', message: 'm', retryAfterMs: 7_000 });
    expect(failureOf(error, { ref: group, deleting: false, secrets: none }).retryAfterMs).toBe(7_000);
  });
});

describe('what ARM says in a failure', () => {
  const said = (message: string, code = 'Conflict'): ArmError =>
    armErrorOfAnswer({
      status: 409,
      body: { error: { code, message } },
      retryAfterMs: undefined,
      requestId: undefined,
    });
  const shown = (error: unknown, values: readonly string[], complete = true): Failure =>
    failureOf(error, { ref: group, deleting: false, secrets: { values, complete } });

  it.each([
    { why: 'of an answer', error: said(`bad value ${SECRET}.`) },
    { why: 'of a refused PUT', error: new Refusal(said(`bad value ${SECRET}.`), { nothingExists: true }) },
    { why: 'of the operator, which quotes an expression', error: new StepError('Failed', `bad value ${SECRET}.`) },
  ])('is shown without secret values: $why', ({ error }) => {
    expect(shown(error, [SECRET]).message).toBe('bad value <hidden>.');
  });

  it('is no reason with a secret value in it: the code is the text of ARM as well', () => {
    expect(shown(said('m', SECRET), [SECRET]).reason).toBe('Conflict');
    expect(shown(said('m', 'SomethingNew'), [SECRET]).reason).toBe('SomethingNew');
  });

  it('keeps a known code, whatever a Secret holds: it decides how soon the step is tried again', () => {
    expect(shown(said('m', 'LocationRequired'), ['Location'])).toMatchObject({
      reason: 'LocationRequired',
      retry: 'Fatal',
    });
  });

  it('is not shown at all while the Secrets cannot be read', () => {
    const { reason, message } = shown(said(`bad value ${SECRET}`, 'SomethingNew'), [], false);
    expect(reason).toBe('Conflict');
    expect(message).toMatch(/^Azure answered HTTP 409\. Its explanation is not shown/);
    expect(shown(new StepError('Failed', 'own words'), [], false).message).toBe('own words');
  });

  it('is searched as ARM said it: a value with spaces and lines is found before the message is tidied', () => {
    const key = '-----BEGIN KEY-----\nAAAABBBBCCCCDDDD password=abc EEEEFFFF\n-----END KEY-----\n';
    expect(shown(said(`cannot parse ${key}`), [key]).message).toBe('cannot parse <hidden>');
  });

  it('is not cut in the middle of a value', () => {
    const { message } = shown(said(`${'x'.repeat(1_992)} ${SECRET}`), [SECRET]);
    expect(message).not.toContain(SECRET.slice(0, 4));
  });
});
