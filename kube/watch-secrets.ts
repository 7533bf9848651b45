/**
 * Reads the setting WATCH_SECRETS, which worker and watcher must have alike. In RBAC the right to watch the metadata of
 * Secrets includes their contents. Without it, the watcher cannot see when a Secret changes, and cannot release a
 * credential's finalizer, so the worker adds none.
 * @default true
 * @throws Error that names the variable
 */
export function watchesSecrets(environment: Readonly<Record<string, string | undefined>>): boolean {
  const text = environment['WATCH_SECRETS']?.trim() || 'true';
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error(`WATCH_SECRETS: "${text}" is neither true nor false`);
}
