import type { Registry } from 'prom-client';
import type { Route } from './http-server.ts';

/**
 * The route of `/metrics`: those of the registry, and after them a text in the same format that another part of the
 * process has.
 * @param more undefined when that part cannot give it now
 */
export function metricsRoute(
  registry: Registry,
  more: () => Promise<string | undefined> = () => Promise.resolve(''),
): Route {
  return async () => {
    const [own, rest] = await Promise.all([registry.metrics(), more()]);
    const missing = '# The metrics of Temporal SDK cannot be read now.\n';
    return { status: 200, contentType: registry.contentType, body: `${own.trimEnd()}\n${rest ?? missing}` };
  };
}
