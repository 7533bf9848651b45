/** Resolves at the first SIGINT, SIGTERM or SIGHUP; from its call on, those no longer end the process by themselves. */
export async function untilSignal(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    // A timer, because a waiting promise alone does not keep the process up.
    const keepAlive = setInterval(() => undefined, 1 << 30);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        clearInterval(keepAlive);
        resolve(signal);
      });
    }
  });
}
