// The thread of `watchdog.ts`. Plain JavaScript: a thread that strips types needs 20 MB more.
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { name, beats, missed, everyMs, format } = workerData;
let last = Atomics.load(beats, 0);
let without = 0;

setInterval(() => {
  const now = Atomics.load(beats, 0);
  without = now === last ? without + 1 : 0;
  last = now;
  if (without < missed) return;
  const seconds = Math.round((missed * everyMs) / 1_000);
  const msg = `the event loop was blocked for ${seconds} s: the process ends itself, to be started again`;
  // As `log.ts` writes it, which itself needs the event loop.
  const time = new Date().toISOString();
  const json = JSON.stringify({ level: 'fatal', time, process: name, msg });
  writeSync(
    1,
    `${format === 'text' ? `${time} FATAL ${name} ${msg}` : json}
`,
  );
  // `process.exit` would only end the thread.
  process.kill(process.pid, 'SIGKILL');
}, everyMs);
