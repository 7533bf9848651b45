import type { StepFailure, StepOutcome } from '../activities/step-outcome.ts';
import type { Transition } from '../activities/transition.ts';
import { titleOf, workflowId } from '../contract/resource-ref.ts';
import type { Logger } from '../process/log.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';
type Fields = Readonly<Record<string, unknown>>;
type Line = readonly [level: Level, message: string, fields?: Fields];

/**
 * Returns the `observeStep` that writes the log: at info one line for each change of a resource's state, one for each
 * failed attempt, and at debug one for each other attempt at a step.
 */
export function stepLogger(log: Logger): (outcome: StepOutcome) => void {
  return (outcome) => {
    const { step, ref, runId, attempt, transitions = [], failure } = outcome;
    const about = { resource: titleOf(ref), workflowId: workflowId(ref), runId, step, attempt };
    const write = ([level, message, fields]: Line): void => log[level]({ ...about, ...fields }, message);
    for (const transition of transitions) write(transitionLine(transition));
    write(failure === undefined ? endLine(outcome) : failureLine(outcome, failure));
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

const GIVEN_UP = 'no further attempt until the resource or what it refers to changes, or until the next resync';

function transitionLine(transition: Transition): Line {
  switch (transition.to) {
    case 'Claimed':
      return ['info', `claimed ${transition.armId}`, { armId: transition.armId }];
    case 'Sent':
      return sentLine(transition);
    case 'AzureWorking': {
      const { method, armId, since } = transition;
      const what = method === 'PUT' ? 'working on it' : 'deleting it';
      return ['info', `Azure is ${what} since ${since}`, { armId }];
    }
    case 'Ready': {
      const { armId, generation } = transition;
      return ['info', `Ready: Azure has generation ${String(generation)}`, { armId, generation }];
    }
    case 'Waiting':
      return ['info', `waiting: ${transition.reason}: ${transition.message}`, { reason: transition.reason }];
    case 'Failing': {
      const { reason, message, retryInMs, requestId } = transition;
      const retryAt = timeIn(retryInMs);
      return [
        'warn',
        `Azure's operation failed: ${reason}: ${message}; sent again at ${retryAt}`,
        { reason, requestId, retryAt },
      ];
    }
    case 'Failed':
      return failedLine(transition);
    case 'Detached':
      return ['info', 'detached: the resource stays in Azure'];
    case 'Gone':
      return ['info', 'gone: the finalizer is removed'];
  }
}

function sentLine({
  method,
  armId,
  generation,
  because,
  httpStatus,
  requestId,
}: Extract<Transition, { to: 'Sent' }>): Line {
  const what = method === 'PUT' ? `generation ${String(generation)}` : 'DELETE';
  const fields = { because, armId, generation, httpStatus, requestId };
  return ['info', `sent ${what} to Azure (${because}), which answered HTTP ${String(httpStatus)}`, fields];
}

/** The attempt that failed has been logged, unless nobody saw it end: then Temporal counted it as timed out. */
function failedLine({ reason, message }: Extract<Transition, { to: 'Failed' }>): Line {
  const wasUnseen = reason === 'UnknownError';
  return [wasUnseen ? 'error' : 'debug', `failed: ${reason}: ${message}; ${GIVEN_UP}`, { reason }];
}

function timeIn(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}
