/** How this process reaches Azure, the same for every credential. */
export interface AzureSettings {
  /** The ARM endpoint, without a trailing slash. */
  readonly endpoint: string;
  readonly audience: string;
  /** Entra ID; undefined is the public cloud's. */
  readonly authorityHost: string | undefined;
  /** The projected service account token for workload identity; undefined is the usual place. */
  readonly federatedTokenFile: string | undefined;
  /** Undefined where resync is switched off (`never`). */
  readonly syncPeriodMs: number | undefined;
}

/**
 * Reads the variables that Azure Service Operator has for this; an empty one counts as absent.
 * @throws Error naming the variable.
 */
export function readAzureSettings(env: Readonly<Record<string, string | undefined>>): AzureSettings {
  const endpoint = httpsUrl(env, 'AZURE_RESOURCE_MANAGER_ENDPOINT') ?? 'https://management.azure.com';
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    audience: valueOf(env, 'AZURE_RESOURCE_MANAGER_AUDIENCE') ?? 'https://management.core.windows.net/',
    authorityHost: httpsUrl(env, 'AZURE_AUTHORITY_HOST'),
    federatedTokenFile: valueOf(env, 'AZURE_FEDERATED_TOKEN_FILE'),
    syncPeriodMs: syncPeriod(valueOf(env, 'AZURE_SYNC_PERIOD')),
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A Go duration (`1h`, `1h30m`, `500ms`) in milliseconds; undefined where it is none. */
export function goDurationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g);
  return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0);
}

function syncPeriod(text: string | undefined): number | undefined {
  if (text === undefined) return 3_600_000;
  if (text === 'never') return undefined;
  const ms = goDurationMs(text);
  if (ms === undefined || ms <= 0) {
    throw new Error(`AZURE_SYNC_PERIOD must be a duration like 1h or 15m, or never; it is ${JSON.stringify(text)}.`);
  }
  return ms;
}

function httpsUrl(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = valueOf(env, name);
  if (value === undefined) return undefined;
  // The token is refused on anything but TLS; better said at the start than at the first request.
  const protocol = URL.parse(value)?.protocol;
  if (protocol !== 'https:') throw new Error(`${name} must be an https URL; it is ${JSON.stringify(value)}.`);
  return value;
}

function valueOf(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}
