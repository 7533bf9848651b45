import { describe, expect, it } from '@jest/globals';
import type { RecordedTransition } from '../../activities/resource/transitions.ts';
import type { StepOutcome } from '../../activities/step-outcome.ts';
import type { Logger } from '../../process/log.ts';
import { stepLogger } from '../../worker/log-steps.ts';

const REF = { group: 'resources.azure.com', kind: 'ResourceGroup', namespace: 'n', name: 'x' };
const ARM_ID = '/subscriptions/s/resourceGroups/x';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

function linesOf(outcome: Partial<StepOutcome>): Line[] {
  const lines: Line[] = [];
  const write = (level: string) => (fields: Record<string, unknown>, message: string) =>
    void lines.push({ level, message, fields });
  const levels = ['debug', 'info', 'warn', 'error'];
  const log = Object.fromEntries(levels.map((level) => [level, write(level)])) as unknown as Logger;
  stepLogger(log)({
    step: 'createOrUpdate',
    ref: REF,
    runId: 'run',
    attempt: 3,
    durationMs: 5,
    outcome: 'completed',
    ...outcome,
  });
  return lines;
}

describe('the lines of an attempt at a step', () => {
  it('name the resource, the workflow, the run, the step and the attempt', () => {
    const [line] = linesOf({ result: 'accepted' });
    expect(line).toEqual({
      level: 'debug',
      message: 'createOrUpdate completed',
      fields: {
        resource: 'ResourceGroup.resources.azure.com n/x',
        workflowId: 'ResourceGroup.resources.azure.com/n/x',
        runId: 'run',
        step: 'createOrUpdate',
        attempt: 3,
        durationMs: 5,
        result: 'accepted',
      },
    });
  });

  it.each<{ why: string; outcome: Partial<StepOutcome> }>([
    { why: 'a step that changed nothing', outcome: { result: 'accepted' } },
    { why: 'a step that a change interrupted', outcome: { outcome: 'cancelled' } },
    { why: 'a poll while Azure works', outcome: { outcome: 'running' } },
    {
      why: 'a failure that is told as an Event, because its own line has told it',
      outcome: { transitions: [{ name: 'Failed', facts: { reason: 'LocationRequired', message: 'm' } }] },
    },
    {
      why: 'what is found again at each resync',
      outcome: { transitions: [{ name: 'Overlap', facts: { message: 'another operator' } }] },
    },
  ])('are debug lines only: $why', ({ outcome }) => {
    expect(linesOf(outcome).map(({ level }) => level)).not.toContain('info');
    expect(linesOf(outcome).map(({ level }) => level)).not.toContain('error');
  });

  it.each<{ transition: RecordedTransition; level: string; says: string }>([
    { transition: { name: 'Claimed', facts: { armId: ARM_ID } }, level: 'info', says: `claimed ${ARM_ID}` },
    {
      transition: { name: 'PutAnswered', facts: { generation: 2, because: 'drift tags.a', httpStatus: 201 } },
      level: 'info',
      says: 'sent generation 2 to Azure (drift tags.a), which answered HTTP 201',
    },
    {
      transition: { name: 'AzureWorking', facts: { armId: ARM_ID, since: 'T' } },
      level: 'info',
      says: `Azure is working on ${ARM_ID} since T`,
    },
    {
      transition: { name: 'CreationBeforeDeletion', facts: { armId: ARM_ID, since: 'T' } },
      level: 'info',
      says: `Azure may still be creating ${ARM_ID} since T`,
    },
    {
      transition: { name: 'AzureDeleting', facts: { armId: ARM_ID, since: 'T' } },
      level: 'info',
      says: `Azure is deleting ${ARM_ID} since T`,
    },
    {
      transition: { name: 'DeleteAnswered', facts: { httpStatus: 202 } },
      level: 'info',
      says: 'sent DELETE to Azure, which answered HTTP 202',
    },
    {
      transition: { name: 'Ready', facts: { generation: 2, exports: '' } },
      level: 'info',
      says: 'generation 2 is ready in Azure',
    },
    {
      transition: { name: 'Detached', facts: { armId: ARM_ID, policy: 'skip' } },
      level: 'info',
      says: `${ARM_ID} stays in Azure`,
    },
    { transition: { name: 'Released', facts: {} }, level: 'info', says: 'the finalizer is removed' },
    {
      transition: { name: 'Waiting', facts: { reason: 'SecretNotFound', message: 'no Secret n/s' } },
      level: 'info',
      says: 'waiting: SecretNotFound: no Secret n/s',
    },
    {
      transition: { name: 'OperationFailed', facts: { reason: 'Conflict', message: 'm', retryAt: 'T' } },
      level: 'warn',
      says: "Azure's operation failed: Conflict: m; the reconcile starts again at T",
    },
    {
      transition: { name: 'FailedUnseen', facts: { reason: 'UnknownError', message: 'timeout' } },
      level: 'error',
      says: 'failed: UnknownError: timeout; no further attempt until',
    },
  ])('say what the row of $transition.name says', ({ transition, level, says }) => {
    const [line, end] = linesOf({ transitions: [transition] });
    expect(line?.level).toBe(level);
    expect(line?.message).toContain(says);
    expect(end?.level).toBe('debug');
  });

  it('have the facts as fields, but not once more what the line says of a failure', () => {
    const facts = { reason: 'Conflict', message: 'm', retryAt: 'T', requestId: 'r-1' };
    const [line] = linesOf({ transitions: [{ name: 'OperationFailed', facts }] });
    expect(line?.fields).toMatchObject({ reason: 'Conflict', retryAt: 'T', requestId: 'r-1' });
    expect(line?.fields).not.toHaveProperty('message');
  });

  it('have the request id of ARM, by which Microsoft finds the request', () => {
    const failure = { reason: 'Conflict', message: 'm', retry: 'Slow', retryInMs: 1_000, requestId: 'r-2' } as const;
    expect(linesOf({ outcome: 'failed', failure })[0]?.fields).toMatchObject({ requestId: 'r-2', reason: 'Conflict' });
  });
});

describe('the line of a failed attempt', () => {
  it('is one, and says what happens next and when', () => {
    const failure = { reason: 'Conflict', message: 'busy', retry: 'Slow', retryInMs: 60_000 } as const;
    const lines = linesOf({ outcome: 'failed', failure });
    expect(lines).toHaveLength(1);
    const { level, message, fields } = lines[0]!;
    expect(level).toBe('warn');
    expect(message).toContain('createOrUpdate failed: Conflict: busy; next attempt at ');
    const inMs = Date.parse(String(fields.retryAt)) - Date.now();
    expect(inMs).toBeGreaterThan(55_000);
    expect(inMs).toBeLessThanOrEqual(60_000);
  });

  it('is an error if nothing is attempted any more', () => {
    const failure = { reason: 'LocationRequired', message: 'm', retry: 'Fatal' } as const;
    const [line, ...others] = linesOf({ outcome: 'failed', failure });
    expect(others).toEqual([]);
    expect(line).toMatchObject({ level: 'error' });
    expect(line?.message).toContain('no further attempt until the resource or what it refers to changes');
  });
});
