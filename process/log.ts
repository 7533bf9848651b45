import { pino, stdTimeFunctions, type Logger } from 'pino';
import { textLine } from './text-line.ts';

export type { Logger };

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const FORMATS = ['json', 'text'] as const;

export interface LogSettings {
  readonly level: (typeof LEVELS)[number];
  readonly format: (typeof FORMATS)[number];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error that names the variable and the words that it may have */
export function readLogSettings(environment: Environment, { isTerminal }: { isTerminal: boolean }): LogSettings {
  return {
    level: wordOf(environment, 'LOG_LEVEL', LEVELS, 'info'),
    format: wordOf(environment, 'LOG_FORMAT', FORMATS, isTerminal ? 'text' : 'json'),
  };
}

/** The log of a process: one line a fact on standard output, with the time (ISO 8601) and the level as a word. */
export function createLog(name: string, { level, format }: LogSettings): Logger {
  const options = {
    level,
    // One name instead of pid and host name: whoever collects logs adds the pod.
    base: { process: name },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (format === 'json') return pino(options);
  return pino(options, { write: (line) => void process.stdout.write(textLine(line)) });
}

function wordOf<T extends string>(environment: Environment, name: string, words: readonly T[], fallback: T): T {
  const text = environment[name];
  if (text === undefined || text === '') return fallback;
  const word = words.find((known) => known === text);
  if (word === undefined) throw new Error(`${name} is "${text}"; it must be one of ${words.join(', ')}`);
  return word;
}
