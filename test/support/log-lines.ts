import { readFileSync } from 'node:fs';

/** A line of the log of worker or watcher. */
export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly process: string;
  readonly msg: string;
  readonly workflowId?: string;
  readonly [field: string]: unknown;
}

/** The lines of these files, by their times. The error quotes a line that is not JSON. */
export function logLines(...files: string[]): LogLine[] {
  return files.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean).map(parse)).sort(byTime);
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    throw new Error(`a line of the log is not JSON: ${line}`);
  }
}

function byTime(a: LogLine, b: LogLine): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : 0;
}
