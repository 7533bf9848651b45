/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP, which then does not end the process. A second signal ends the
 * process at once.
 */
export async function untilSignal(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    // A pending promise alone does not keep the process running; a timer does.
    const keepAlive = setInterval(() => undefined, 1 << 30);
    let seen = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (seen) process.exit(130);
        seen = true;
        clearInterval(keepAlive);
        resolve(signal);
      });
    }
  });
}
