import { startSimulator } from './start.ts';

/** The entry point of `npm run simulator`. Writes one line with the URL to stdout and runs until SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const { SIMULATOR_PORT, SIMULATOR_HOST, SIMULATOR_DIRECTORY, SIMULATOR_TIME_SCALE, SIMULATOR_SYNCHRONOUS } =
    process.env;
  const simulator = await startSimulator({
    port: numberFrom('SIMULATOR_PORT', SIMULATOR_PORT, 0),
    ...(SIMULATOR_HOST === undefined ? {} : { host: SIMULATOR_HOST }),
    ...(SIMULATOR_DIRECTORY === undefined ? {} : { directory: SIMULATOR_DIRECTORY }),
    timeScale: numberFrom('SIMULATOR_TIME_SCALE', SIMULATOR_TIME_SCALE, 1),
    synchronous: SIMULATOR_SYNCHRONOUS === 'true' || SIMULATOR_SYNCHRONOUS === '1',
  });
  process.stdout.write(`${JSON.stringify({ url: simulator.url, caFile: simulator.caFile })}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
}

function numberFrom(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} must be a number of 0 or more, not '${text}'`);
  return value;
}

await main();
