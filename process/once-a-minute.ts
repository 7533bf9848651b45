const MINUTE_MS = 60_000;

/**
 * Returns a function that is true for a text at its first call, and again when a minute has passed since it was true.
 * What lasts is said so without filling the log.
 * @param everyMs in ms
 */
export function onceAMinute(everyMs = MINUTE_MS): (text: string) => boolean {
  const said = new Map<string, number>();
  return (text) => {
    const now = performance.now();
    // Also keeps the map small: texts may name resources.
    for (const [old, at] of said) if (now - at >= everyMs) said.delete(old);
    if (said.has(text)) return false;
    said.set(text, now);
    return true;
  };
}
