/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP; from its call on, the first of those no longer ends the process by itself. A second one does, at once.
 */
export async function untilSignal(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    // A timer, because a waiting promise alone does not keep the process up.
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
