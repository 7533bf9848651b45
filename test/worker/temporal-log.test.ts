import { describe, expect, it } from '@jest/globals';
import type { LogLevel } from '@temporalio/common';
import type { Logger } from '../../process/log.ts';
import { coreLogFilter, temporalLogger } from '../../worker/temporal-log.ts';

const SECRET = 'hunter2-s3cret';

function scene(level = 'debug') {
  const lines: { level: string; message: string; fields: object }[] = [];
  const write = (to: string) => (fields: object, message: string) => void lines.push({ level: to, message, fields });
  const levels = ['trace', 'debug', 'info', 'warn', 'error'];
  const log = { level, ...Object.fromEntries(levels.map((to) => [to, write(to)])) } as unknown as Logger;
  return { lines, sdk: temporalLogger(log) };
}

describe('the log of the SDK', () => {
  it.each<{ why: string; level: LogLevel; message: string; meta?: Record<string, unknown>; want: string }>([
    { why: 'our own line says why', level: 'WARN', message: 'Activity failed', want: 'trace' },
    { why: 'and that of the last step', level: 'WARN', message: 'Workflow failed', want: 'trace' },
    { why: 'a step that succeeded has a line', level: 'DEBUG', message: 'Activity completed', want: 'trace' },
    {
      why: '"ready" says so',
      level: 'INFO',
      message: 'Worker state changed',
      meta: { state: 'RUNNING' },
      want: 'debug',
    },
    {
      why: 'the process ends',
      level: 'INFO',
      message: 'Worker state changed',
      meta: { state: 'FAILED' },
      want: 'error',
    },
    { why: 'it is about the SDK itself', level: 'INFO', message: 'Workflow bundle created', want: 'debug' },
    { why: 'somebody should know', level: 'WARN', message: 'gRPC call failed', want: 'warn' },
    { why: 'somebody must know', level: 'ERROR', message: 'Worker failed', want: 'error' },
  ])('$message is a line of level $want: $why', ({ level, message, meta, want }) => {
    const { lines, sdk } = scene();
    sdk.log(level, message, meta);
    expect(lines).toMatchObject([{ level: want, message }]);
  });

  it('has the workflow and the run by the same names as our lines, and no other field', () => {
    const { lines, sdk } = scene();
    sdk.warn('something', {
      workflow_id: 'w',
      run_id: 'r',
      activityType: 'patchReady',
      input: SECRET,
      taskToken: 'dG9rZW4=',
    });
    expect(lines[0]?.fields).toEqual({ source: 'temporal', workflowId: 'w', runId: 'r', step: 'patchReady' });
  });

  it('has the error of a workflow task, and never that of an activity', () => {
    const { lines, sdk } = scene();
    sdk.error('Failed to process Workflow Activation', { runId: 'r', error: new Error('nondeterminism') });
    sdk.error('Error while processing ActivityTask', { activityType: 'fetchKeys', error: new Error(SECRET) });
    expect(lines[0]?.message).toBe('Failed to process Workflow Activation: nondeterminism');
    expect(JSON.stringify(lines)).not.toContain(SECRET);
  });

  it('says a warning that repeats itself once a minute', () => {
    const { lines, sdk } = scene();
    for (let times = 0; times < 100; times += 1) sdk.warn('gRPC call failed');
    expect(lines).toHaveLength(1);
  });

  it.each([
    ['info', { core: 'WARN', other: 'ERROR' }],
    ['debug', { core: 'INFO', other: 'ERROR' }],
    ['trace', { core: 'DEBUG', other: 'WARN' }],
  ])('at level %s asks the core for %j', (level, filter) => {
    expect(coreLogFilter(level)).toEqual(filter);
  });
});
