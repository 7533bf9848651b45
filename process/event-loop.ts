import { measureEventLoopLag, type Lag } from './event-loop-lag.ts';
import type { EventLoopState } from './health.ts';
import { startWatchdog } from './watchdog.ts';

export interface EventLoop extends EventLoopState {
  stop(): Promise<void>;
}

/**
 * Measures the event loop of this process, and ends the process when it is blocked for a minute.
 * @param given.name the name of the process in the watchdog's last line, which is written in `given.logFormat`
 * @param given.onLag called with each measurement, every 10 s
 * @param given.onWatchdogEnd the watchdog has ended by itself
 */
export function watchEventLoop(given: {
  readonly name: string;
  readonly logFormat: 'json' | 'text';
  readonly onLag: (lag: Lag) => void;
  readonly onWatchdogEnd: () => void;
}): EventLoop {
  const state: { lag: Lag | undefined; isWatched: boolean } = { lag: undefined, isWatched: true };
  const stopping = new AbortController();
  const endWatchdog = startWatchdog({
    name: given.name,
    format: given.logFormat,
    onError: () => {
      state.isWatched = false;
      given.onWatchdogEnd();
    },
  });
  const record = (lag: Lag): void => {
    state.lag = lag;
    given.onLag(lag);
  };
  const measuring = measureEventLoopLag({ record }, { signal: stopping.signal });
  return {
    get lag() {
      return state.lag;
    },
    get isWatched() {
      return state.isWatched;
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([measuring, endWatchdog()]);
    },
  };
}
