/** The part of Temporal's `Connection` and `NativeConnection` that is used here. */
interface TemporalConnection {
  withDeadline<T>(deadline: number | Date, call: () => Promise<T>): Promise<T>;
  readonly workflowService: { getSystemInfo(request: object): Promise<unknown> };
}

/** gRPC's status codes that say something about the setup. */
const CODES: Readonly<Record<number, string>> = {
  4: 'no answer in time',
  7: 'it refuses the credential (PERMISSION_DENIED)',
  14: 'it cannot be reached (UNAVAILABLE)',
  16: 'it refuses the credential (UNAUTHENTICATED)',
};
const DEADLINE_MS = 2_500;

/** Why Temporal's frontend does not answer; undefined if it does. Needs no right in a namespace. */
export async function temporalProblem(connection: TemporalConnection | undefined): Promise<string | undefined> {
  if (connection === undefined) return 'not connected yet (check TEMPORAL_ADDRESS)';
  try {
    await connection.withDeadline(Date.now() + DEADLINE_MS, () => connection.workflowService.getSystemInfo({}));
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    const why = code === undefined ? 'the call failed' : (CODES[code] ?? `gRPC status ${String(code)}`);
    return `Temporal's frontend: ${why}; check TEMPORAL_ADDRESS and the server`;
  }
}

/** Only the code of the error is shown: its text is that of a client. */
function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
