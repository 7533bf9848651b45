import { createLog, readLogSettings, type Logger, type LogSettings } from './log.ts';

/** Kubernetes waits 30 s by default; whoever stops a process by hand does not want to wait that long. */
const STOP_MS = 9_000;

export interface ProcessContext {
  /** Its name in the log. */
  readonly name: string;
  readonly log: Logger;
  readonly logFormat: LogSettings['format'];
  /**
   * Aborts at the first SIGTERM or SIGINT. The process then has 9 s to end by itself: a server that does not answer must
   * not delay it further. A second signal of the same kind kills it.
   */
  readonly stopping: AbortSignal;
}

/**
 * Runs the main function of a process. Whatever ends the process is one line of its log; after an error the exit code
 * is 1. The message of an error that `main` throws is logged: settings and clients build their own, without secrets.
 */
export async function runProcess(name: string, main: (context: ProcessContext) => Promise<void>): Promise<void> {
  const isTerminal = process.stdout.isTTY;
  let log = createLog(name, fallbackSettings(isTerminal));
  const stopping = new AbortController();
  try {
    const settings = readLogSettings(process.env, { isTerminal });
    log = createLog(name, settings);
    logEverything(log);
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => {
        if (stopping.signal.aborted) return;
        log.info({ signal }, 'stopping');
        stopping.abort(new Error(`stopped by ${signal}`));
        endLater(name, log);
      });
    await main({ name, log, logFormat: settings.format, stopping: stopping.signal });
    // A call that hangs would keep the process, or be tried again on a closed connection, which ends it with an error.
    if (stopping.signal.aborted) process.exit(0);
  } catch (error) {
    // It was told to stop while it waited for something.
    if (stopping.signal.aborted && error === stopping.signal.reason) process.exit(0);
    log.fatal(`ending: ${error instanceof Error ? error.message : 'unknown error'}`);
    process.exit(1);
  }
}

function endLater(name: string, log: Logger): void {
  setTimeout(() => {
    log.error(`the ${name} has not stopped within ${String(STOP_MS / 1000)} s; it is ended`);
    process.exit(1);
  }, STOP_MS).unref();
}

/** What holds until the settings are read; a wrong LOG_LEVEL is reported in the format that was asked for. */
function fallbackSettings(isTerminal: boolean): LogSettings {
  const { LOG_FORMAT } = process.env;
  return {
    level: 'info',
    format: LOG_FORMAT === 'text' || LOG_FORMAT === 'json' ? LOG_FORMAT : isTerminal ? 'text' : 'json',
  };
}

/** What Node itself would write as text between the lines of the log. */
function logEverything(log: Logger): void {
  const ending = (error: unknown): void => {
    log.fatal(`ending: a defect of the operator: ${nameAndPlace(error)}`);
    process.exit(1);
  };
  process.on('uncaughtException', ending);
  process.on('unhandledRejection', ending);
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => log.debug(`Node: ${name}: ${message}`));
}

/** Not the message: that of a client's error may quote a secret. */
function nameAndPlace(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const line = /\n\s+at ([^\n]+)/.exec(error.stack ?? '')?.[1];
  return `${error.name} at ${line ?? 'an unknown line of code'}`;
}
