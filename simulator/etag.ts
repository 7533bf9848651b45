import { guidOf, type JsonObject } from './json.ts';
import type { Call } from './provider.ts';
import type { Reply } from './reply.ts';

/** Whether the service of this type returns and checks ETags. The types of Microsoft.Network do. */
function hasEtag({ facts, target, apiVersion }: Call): boolean {
  const known = facts.of(target.type, apiVersion);
  return target.namespace?.toLowerCase() === 'microsoft.network' && known?.body.properties['etag'] !== undefined;
}

/**
 * Adds a weak ETag, as in Azure, if the type has one. It changes with each write of the resource or of a child, and
 * when an operation ends.
 */
export function withEtag(call: Call, phaseSince: number, body: JsonObject): JsonObject {
  if (!hasEtag(call)) return body;
  return { ...body, etag: `W/"${guidOf(`${phaseSince} ${JSON.stringify(body)}`)}"` };
}

/** The ETag header. Answers to GET have it, answers to PUT do not. */
export function etagHeader(body: JsonObject): Record<string, string> {
  const { etag } = body;
  return typeof etag === 'string' ? { etag } : {};
}

/** The 412 for a PUT whose `If-Match` is not the current ETag; undefined if the PUT may proceed. */
export function preconditionFailedReply(call: Call, present: JsonObject | undefined): Reply | undefined {
  const { ifMatch, target } = call;
  const etag = present?.['etag'];
  if (ifMatch === undefined || !hasEtag(call) || ifMatch === etag) return undefined;
  if (ifMatch === '*' && present !== undefined) return undefined;
  const message =
    present === undefined
      ? `Etag provided in if-match header ${ifMatch} cannot be matched: resource ${target.id} does not exist in NRP data store.`
      : `Etag provided in if-match header ${ifMatch} does not match etag ${String(etag)} of resource ${target.id} in NRP data store.`;
  const details = [{ code: 'PreconditionFailedEtagMismatch', message }];
  const error = { code: 'PreconditionFailed', message: 'Precondition failed.', details };
  return { status: 412, service: 'generic', body: { error } };
}
