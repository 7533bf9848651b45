import { newGuid } from './json.ts';
import type { Reply } from './reply.ts';

/** The headers that ARM adds to every answer, and those that differ between services. */
export function armHeaders(reply: Reply, method: string): Record<string, string> {
  const cosmos = reply.service === 'cosmos';
  const remaining =
    method === 'GET' ? ['reads', '16499'] : method === 'DELETE' ? ['deletes', '11999'] : ['writes', '11999'];
  return {
    'cache-control': cosmos ? 'no-store, no-cache' : 'no-cache',
    pragma: 'no-cache',
    ...(cosmos ? { 'x-ms-gatewayversion': 'version=2.14.0' } : { expires: '-1' }),
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-cache': 'CONFIG_NOCACHE',
    'x-ms-request-id': newGuid(),
    'x-ms-correlation-request-id': newGuid(),
    ...(reply.service === 'gateway'
      ? reply.status >= 400
        ? { 'x-ms-failure-cause': 'gateway' }
        : {}
      : { [`x-ms-ratelimit-remaining-subscription-global-${remaining[0] ?? ''}`]: remaining[1] ?? '' }),
    ...contentType(reply),
    ...reply.headers,
  };
}

function contentType(reply: Reply): Record<string, string> {
  if (reply.body === undefined)
    return reply.service === 'storage' ? { 'content-type': 'text/plain; charset=utf-8' } : {};
  const bare = reply.service === 'cosmos' || reply.service === 'storage';
  return { 'content-type': bare ? 'application/json' : 'application/json; charset=utf-8' };
}
