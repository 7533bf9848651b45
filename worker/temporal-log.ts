import type { LogLevel, LogMetadata } from '@temporalio/common';
import { DefaultLogger } from '@temporalio/worker';
import { onceAMinute } from '../process/once-a-minute.ts';
import type { Logger } from '../process/log.ts';

/** What the SDK says of steps and runs: `log-steps.ts` says the same, with the resource and the reason. */
const SAID_BY_US = /^(Activity|Workflow) (started|completed|failed|reset|paused|continued)/;
/** The SDK's names of what the fields of a line are called here. Its other fields are left out. */
const FIELDS: Readonly<Record<string, string>> = {
  workflowId: 'workflowId',
  workflow_id: 'workflowId',
  runId: 'runId',
  run_id: 'runId',
  activityType: 'step',
  attempt: 'attempt',
  taskQueue: 'taskQueue',
  task_queue: 'taskQueue',
  state: 'state',
  target: 'target',
};
const MOST_CHARACTERS = 1_000;

/** The log of Temporal's SDK and core as lines of ours. A warning that repeats itself is written once a minute. */
export function temporalLogger(log: Logger): DefaultLogger {
  const isNew = onceAMinute();
  return new DefaultLogger(sdkLevel(log.level), ({ level, message, meta }) => {
    const to = levelOf(level, message, meta);
    const fields = { source: 'temporal', ...fieldsOf(meta) };
    const error = errorOf(meta);
    const line = error === undefined ? message : `${message}: ${error}`;
    if ((to === 'warn' || to === 'error') && !isNew(line)) return;
    log[to](fields, line);
  });
}

/** How much the core is asked for: its debug lines are about itself. */
export function coreLogFilter(level: string): { core: LogLevel; other: LogLevel } {
  if (level === 'trace') return { core: 'DEBUG', other: 'WARN' };
  return { core: level === 'debug' ? 'INFO' : 'WARN', other: 'ERROR' };
}

function sdkLevel(level: string): LogLevel {
  if (level === 'trace' || level === 'debug') return 'DEBUG';
  return level === 'info' ? 'INFO' : level === 'warn' ? 'WARN' : 'ERROR';
}

function levelOf(
  level: LogLevel,
  message: string,
  meta: LogMetadata | undefined,
): 'debug' | 'trace' | 'info' | 'warn' | 'error' {
  if (SAID_BY_US.test(message)) return 'trace';
  // Of the states of a worker only this one is news: the others follow from "ready" and "stopping".
  if (message === 'Worker state changed') return meta?.['state'] === 'FAILED' ? 'error' : 'debug';
  const words = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
  return words[level];
}

function fieldsOf(meta: LogMetadata = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(meta).flatMap(([name, value]) => {
      const known = FIELDS[name];
      return known !== undefined && (typeof value === 'string' || typeof value === 'number') ? [[known, value]] : [];
    }),
  );
}

/**
 * Why something failed. Not of an activity: its errors become text in `activities/failure.ts` only. What workflow code
 * and the core say contains no secret, because no secret value reaches them in clear.
 */
function errorOf(meta: LogMetadata = {}): string | undefined {
  if (meta['sdkComponent'] === 'activity' || 'activityType' in meta) return undefined;
  const error: unknown = meta['error'] ?? meta['failure'];
  const text = error instanceof Error ? error.message : typeof error === 'string' ? error : undefined;
  return text?.slice(0, MOST_CHARACTERS);
}
