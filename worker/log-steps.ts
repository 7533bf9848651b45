import type { StepFailure, StepOutcome } from '../activities/step-outcome.ts';
import { GIVEN_UP, logLineOf, type RecordedTransition } from '../activities/resource/transitions.ts';
import { titleOf, workflowId } from '../contract/resource-ref.ts';
import type { Logger } from '../process/log.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';
type Fields = Readonly<Record<string, unknown>>;
type Line = readonly [level: Level, message: string, fields?: Fields];

/**
 * Returns the `observeStep` that writes the log: one line for each transition whose row has a level, one for each failed
 * attempt, and at debug one for each other attempt at a step.
 */
export function stepLogger(log: Logger): (outcome: StepOutcome) => void {
  return (outcome) => {
    const { step, ref, runId, attempt, transitions = [], failure } = outcome;
    const about = { resource: titleOf(ref), workflowId: workflowId(ref), runId, step, attempt };
    const end = failure === undefined ? endLine(outcome) : failureLine(outcome, failure);
    for (const line of [...transitions.map(transitionLine), end])
      if (line) log[line[0]]({ ...about, ...line[2] }, line[1]);
  };
}

function endLine({ step, outcome, result, durationMs }: StepOutcome): Line {
  const what = {
    completed: 'completed',
    cancelled: 'was cancelled',
    running: 'goes on: Azure is still working',
    failed: 'failed',
  }[outcome];
  return ['debug', `${step} ${what}`, { durationMs, ...(result !== undefined && { result }) }];
}

function failureLine({ step, durationMs }: StepOutcome, failure: StepFailure): Line {
  const { reason, message, retryInMs, requestId } = failure;
  const fields = { reason, requestId, durationMs };
  const what = `${step} failed: ${reason}: ${message}`;
  if (retryInMs === undefined) return ['error', `${what}; ${GIVEN_UP}`, fields];
  const retryAt = timeIn(retryInMs);
  return ['warn', `${what}; next attempt ${retryInMs === 0 ? 'now' : `at ${retryAt}`}`, { ...fields, retryAt }];
}

/** The facts are fields of the line, but for the message of a failure, which the line says. */
function transitionLine(transition: RecordedTransition): Line | undefined {
  const line = logLineOf(transition);
  const { message: _message, ...fields } = transition.facts;
  return line && [line.level, line.text, fields];
}

function timeIn(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}
