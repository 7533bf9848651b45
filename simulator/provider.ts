import type { JsonObject } from './json.ts';
import type { Failure, Operation, OperationPlan, Operations, UrlSigner } from './operations.ts';
import type { Reply } from './reply.ts';
import { scaledSeconds, type SubscriptionSettings } from './settings.ts';
import type { Store, StoredResource } from './store.ts';
import type { ArmPath } from './arm-path.ts';
import type { TypeFacts } from './type-facts.ts';

/** An ARM request as a resource provider receives it. The gateway has already checked group and parent. */
export interface Call {
  readonly store: Store;
  readonly operations: Operations;
  readonly signer: UrlSigner;
  readonly facts: TypeFacts;
  readonly settings: SubscriptionSettings;
  readonly method: string;
  readonly target: ArmPath;
  readonly apiVersion: string;
  readonly query: URLSearchParams;
  /** The body without null members. */
  readonly body: JsonObject;
  readonly existing: StoredResource | undefined;
  /** `https://host:port`, as the client called it. */
  readonly origin: string;
  readonly now: number;
  /** The failure of the operation that this request starts, where a fault asks for one. */
  readonly failure: Failure | undefined;
  /** The `If-Match` header. */
  readonly ifMatch: string | undefined;
}

export interface Provider {
  /** How long the provider takes to answer a write, at time scale 1. */
  readonly writeLatencyMs: number;
  put(call: Call): Reply;
  get(call: Call): Reply;
  delete(call: Call): Reply;
  action(call: Call, action: string): Reply;
}

/** The parts of an operation that the provider decides; the others follow from the request. */
export type Start = Pick<
  OperationPlan,
  'id' | 'method' | 'style' | 'durationMs' | 'retryAfterSeconds' | 'pollPath' | 'finish'
> & {
  readonly result?: () => JsonObject | undefined;
};

/** Starts a long-running operation for the call's resource. */
export function startOperation(call: Call, start: Start): Operation {
  const { target, now, failure, operations } = call;
  const common = {
    result: () => undefined,
    ...start,
    subscription: target.subscription,
    resourceKey: target.key,
    failure,
  };
  if (start.method === 'PUT') return operations.start({ ...common, startedAt: now });
  operations.abandonWrites(target.key, false);
  const finish: OperationPlan['finish'] = (outcome, at) => {
    if (outcome === undefined) operations.abandonWrites(target.key, true);
    start.finish(outcome, at);
  };
  // A second DELETE joins the first: both end together.
  const first = operations
    .running(target.subscription)
    .find(({ resourceKey, method }) => resourceKey === target.key && method === 'DELETE');
  return operations.start({ ...common, finish, startedAt: first?.startedAt ?? now });
}

/** The absolute, signed URL of a poll path. */
export function pollUrl(call: Pick<Call, 'origin' | 'signer' | 'now'>, path: string): string {
  return call.origin + call.signer.sign(path, call.now);
}

/** The `Retry-After` header, scaled. */
export function retryAfter(call: Pick<Call, 'settings'>, seconds: number): Record<string, string> {
  return { 'retry-after': String(scaledSeconds(seconds, call.settings.timeScale)) };
}

/** Stores a resource in a phase; an existing one keeps its creation time. */
export function storeResource(
  call: Call,
  phase: StoredResource['phase'],
  sent: JsonObject,
  body: JsonObject,
): StoredResource {
  const { target, existing, now } = call;
  const resource: StoredResource = {
    key: target.key,
    id: existing?.id ?? target.id,
    type: existing?.type ?? target.type,
    name: existing?.name ?? target.name,
    createdAt: existing?.createdAt ?? now,
    phase,
    phaseSince: now,
    sent,
    body,
  };
  call.store.put(resource);
  return resource;
}

/** Moves a resource to another phase. */
export function setPhase(resource: StoredResource, phase: StoredResource['phase'], at: number): void {
  resource.phase = phase;
  resource.phaseSince = at;
}
