import { temporalProblem, type TemporalPlace } from './temporal-problem.ts';

/** The part of Temporal's `Connection` and `NativeConnection` that is used here. */
interface TemporalConnection {
  withDeadline<T>(deadline: number | Date, call: () => Promise<T>): Promise<T>;
  readonly workflowService: { getSystemInfo(request: object): Promise<unknown> };
}

const DEADLINE_MS = 2_500;

/** Why Temporal's frontend does not answer; undefined if it does. Needs no right in a namespace. */
export async function unreachableTemporal(
  connection: TemporalConnection | undefined,
  place: TemporalPlace,
): Promise<string | undefined> {
  if (connection === undefined) return `not connected to ${place.address} yet (check TEMPORAL_ADDRESS)`;
  try {
    await connection.withDeadline(Date.now() + DEADLINE_MS, () => connection.workflowService.getSystemInfo({}));
    return undefined;
  } catch (error) {
    return temporalProblem(error, place) ?? `the call to ${place.address} failed`;
  }
}
