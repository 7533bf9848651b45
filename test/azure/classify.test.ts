import { describe, expect, it } from '@jest/globals';
import { ArmError } from '../../azure/arm-error.ts';
import { classify, retryDelayMs, type ClassifyContext } from '../../azure/classify.ts';
import { ARM_REASONS, OWN_REASONS } from '../../azure/reasons.ts';

describe('classify', () => {
  const rows: {
    why: string;
    code: string;
    status: number;
    message?: string;
    context?: ClassifyContext;
    gives: string;
  }[] = [
    {
      why: 'policies change',
      code: 'RequestDisallowedByPolicy',
      status: 403,
      gives: 'RequestDisallowedByPolicy Warning Slow',
    },
    { why: 'BadRequest is not fatal any more', code: 'BadRequest', status: 400, gives: 'BadRequest Warning VerySlow' },
    { why: 'an unlisted 400', code: 'SomethingNew', status: 400, gives: 'SomethingNew Warning VerySlow' },
    { why: 'an unlisted 409', code: 'SomethingNew', status: 409, gives: 'SomethingNew Warning Slow' },
    { why: 'an unlisted 500', code: 'SomethingNew', status: 500, gives: 'SomethingNew Warning Slow' },
    { why: 'any 429', code: 'Whatever', status: 429, gives: 'Whatever Warning Throttled' },
    {
      why: 'a listed fatal code',
      code: 'PropertyChangeNotAllowed',
      status: 400,
      gives: 'PropertyChangeNotAllowed Error Fatal',
    },
    {
      why: 'known code wins over status 400',
      code: 'ResourceQuotaExceeded',
      status: 400,
      gives: 'ResourceQuotaExceeded Warning Slow',
    },
    {
      why: 'a delete is never given up',
      code: 'PropertyChangeNotAllowed',
      status: 400,
      context: { deleting: true },
      gives: 'PropertyChangeNotAllowed Warning VerySlow',
    },
    {
      why: 'a quirk of the kind makes it Fatal',
      code: 'ServiceUnavailable',
      status: 200,
      context: { retry: 'Fatal' },
      gives: 'ServiceUnavailable Error Fatal',
    },
    {
      why: 'but not during a deletion',
      code: 'ServiceUnavailable',
      status: 503,
      context: { retry: 'Fatal', deleting: true },
      gives: 'ServiceUnavailable Warning VerySlow',
    },
    {
      why: 'a quirk of the kind makes it retryable',
      code: 'OperationNotAllowed',
      status: 400,
      context: { retry: 'Slow' },
      gives: 'OperationNotAllowed Warning Slow',
    },
    {
      why: 'ads is being enabled',
      code: 'VulnerabilityAssessmentADSIsDisabled',
      status: 400,
      gives: 'VulnerabilityAssessmentADSIsDisabled Warning VerySlow',
    },
    {
      why: 'a fresh token helps',
      code: 'ExpiredAuthenticationToken',
      status: 401,
      gives: 'ExpiredAuthenticationToken Warning Slow',
    },
    { why: 'Entra', code: 'AuthenticationFailed', status: 0, gives: 'AuthenticationFailed Warning Slow' },
    {
      why: 'a Wait reason that is also a code of ARM',
      code: 'SecretNotFound',
      status: 400,
      gives: 'SecretNotFound Warning VerySlow',
    },
    { why: 'network', code: 'ECONNREFUSED', status: 0, gives: 'ECONNREFUSED Warning Slow' },
    { why: 'no code', code: '', status: 500, gives: 'UnknownError Warning Slow' },
    {
      why: 'OperationUrlRefused is never retried',
      code: 'OperationUrlRefused',
      status: 0,
      gives: 'OperationUrlRefused Error Fatal',
    },
    { why: 'an operation that ended as Failed', code: 'Failed', status: 200, gives: 'Failed Warning Slow' },
    {
      why: 'a progress reason that is also a code of ARM',
      code: 'Deleting',
      status: 409,
      gives: 'Deleting Warning Slow',
    },
  ];
  it.each(rows)('$why: $code $status', ({ code, status, message = 'm', context, gives }) => {
    const { reason, severity, retry } = classify(new ArmError({ status, code, message }), context);
    expect(`${reason} ${severity} ${retry}`).toBe(gives);
  });
});

describe('retryDelayMs', () => {
  const rows = [
    { why: 'Fast starts at 1 s', got: retryDelayMs('Fast', 1), ms: 1_000 },
    { why: 'and doubles', got: retryDelayMs('Fast', 4), ms: 8_000 },
    { why: 'up to 30 s', got: retryDelayMs('Fast', 50), ms: 30_000 },
    { why: 'Slow up to 3 min', got: retryDelayMs('Slow', 5000), ms: 180_000 },
    { why: 'attempt 0 counts as 1', got: retryDelayMs('Slow', 0), ms: 1_000 },
    { why: 'Retry-After is the minimum', got: retryDelayMs('Fast', 1, 90_000), ms: 90_000 },
    { why: 'a shorter Retry-After does not shorten', got: retryDelayMs('Slow', 10, 1_000), ms: 180_000 },
    ...[30, 60, 120, 300, 3600, 3600].map((seconds, index) => ({
      why: `VerySlow, attempt ${index + 1}: a new resource may be ready within minutes, a wrong spec is not`,
      got: retryDelayMs('VerySlow', index + 1, undefined, () => 0.5),
      ms: seconds * 1_000,
    })),
    { why: 'VerySlow, -25 %', got: retryDelayMs('VerySlow', 5, undefined, () => 0), ms: 2_700_000 },
    { why: 'VerySlow, +25 %', got: retryDelayMs('VerySlow', 5, undefined, () => 1), ms: 4_500_000 },
    { why: 'VerySlow obeys Retry-After', got: retryDelayMs('VerySlow', 1, 600_000, () => 0), ms: 600_000 },
    { why: 'an absurd Retry-After is cut at a day', got: retryDelayMs('Slow', 1, 1e12), ms: 86_400_000 },
    { why: 'Throttled without Retry-After, later', got: retryDelayMs('Throttled', 9, undefined, () => 0), ms: 60_000 },
    { why: 'Throttled without Retry-After', got: retryDelayMs('Throttled', 1, undefined, () => 0), ms: 5_000 },
    { why: 'Throttled obeys', got: retryDelayMs('Throttled', 1, 17_000, () => 0), ms: 17_000 },
    { why: 'Throttled spreads upwards only', got: retryDelayMs('Throttled', 1, 20_000, () => 1), ms: 25_000 },
    { why: 'Fatal has no next attempt', got: retryDelayMs('Fatal', 1), ms: Infinity },
  ];
  it.each(rows)('$why', ({ got, ms }) => {
    expect(got).toBe(ms);
  });
});

describe('the table', () => {
  const all = [...OWN_REASONS, ...ARM_REASONS];
  it('has each code once', () => {
    expect(new Set(all.map((row) => row.code)).size).toBe(all.length);
  });
  it.each(all.map((row) => [row.code, row] as const))('%s: Fatal is Error and nothing else is', (_code, row) => {
    expect(row.severity === 'Error').toBe(row.retry === 'Fatal');
    expect(row.todo).toMatch(/^[A-Za-z].*[.]$/);
  });
});
