import { Context, type Info } from '@temporalio/activity';

/** What Temporal knows of the running attempt; undefined outside a worker (unit tests of a step). */
export function activityInfo(): Info | undefined {
  try {
    return Context.current().info;
  } catch {
    return undefined;
  }
}

/** Leaves details that survive the death of this process. */
export function heartbeat(details: unknown): void {
  try {
    const context = Context.current();
    lastDetails.set(context, details);
    context.heartbeat(details);
  } catch {
    // Outside a worker there is nobody to tell.
  }
}

/** Keeps the attempt alive without losing the details that it left last. */
export function keepAlive(context: Context): void {
  context.heartbeat(lastDetails.has(context) ? lastDetails.get(context) : context.info.heartbeatDetails);
}

/** Keyed by attempt: each has a Context of its own, and the entry goes with it. */
const lastDetails = new WeakMap<Context, unknown>();
