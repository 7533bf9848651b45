/** What the environment says. The Kubernetes and Temporal connections read theirs by themselves (KUBECONFIG, TEMPORAL_*). */
export interface WatcherConfig {
  /** Empty: all namespaces. */
  readonly targetNamespaces: readonly string[];
  readonly logLevel: string;
}

const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** @throws Error naming the variable that cannot be used */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): WatcherConfig {
  const targetNamespaces = (environment['AZURE_TARGET_NAMESPACES'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  for (const name of targetNamespaces) {
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
      throw new Error(`AZURE_TARGET_NAMESPACES: "${name}" is not a namespace name; give names separated by commas`);
  }
  const logLevel = environment['LOG_LEVEL'] ?? 'info';
  if (!LEVELS.includes(logLevel)) throw new Error(`LOG_LEVEL: "${logLevel}" is none of ${LEVELS.join(', ')}`);
  return { targetNamespaces: [...new Set(targetNamespaces)], logLevel };
}
