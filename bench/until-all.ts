import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../kube/contract.ts';
import { Reflector } from '../kube/reflector.ts';
import { openTransport } from '../kube/transport.ts';

/** What a watch on some collections has shown so far, by `plural/name`. */
export interface Seen {
  readonly ready: ReadonlySet<string>;
  readonly present: ReadonlySet<string>;
}

export interface Watched {
  /**
   * Resolves with the time (ms since the epoch) at which `holds` was first true.
   * @throws Error after `timeoutMs`, with the text of `left`
   */
  until(
    what: string,
    holds: (seen: Seen) => boolean,
    how: { timeoutMs: number; left: (seen: Seen) => string },
  ): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Watches collections of one namespace. Reading hundreds of resources one by one would cost the API server more than
 * what is measured.
 */
export async function watchCollections(
  kubeconfig: string,
  collections: readonly { readonly plural: string; readonly path: string }[],
): Promise<Watched> {
  const transport = await openTransport({ kubeconfig });
  const ready = new Set<string>();
  const present = new Set<string>();
  const reflectors = collections.map(
    ({ plural, path }) =>
      new Reflector(transport, {
        path,
        metadataOnly: false,
        onUpsert: (object) => {
          const key = `${plural}/${object.metadata.name}`;
          present.add(key);
          if (isReady(object)) ready.add(key);
          else ready.delete(key);
        },
        onDelete: ({ name }) => {
          present.delete(`${plural}/${name}`);
          ready.delete(`${plural}/${name}`);
        },
      }),
  );
  for (const reflector of reflectors) reflector.start();
  return {
    until: async (what, holds, { timeoutMs, left }) => {
      const deadline = Date.now() + timeoutMs;
      while (!holds({ ready, present })) {
        if (Date.now() > deadline)
          throw new Error(`${what}: timed out after ${String(timeoutMs / 1000)} s; ${left({ ready, present })}`);
        await sleep(20);
      }
      return Date.now();
    },
    stop: async () => {
      await Promise.all(reflectors.map((reflector) => reflector.stop()));
      await transport.close();
    },
  };
}

function isReady({ metadata, status }: KubeObject): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}
