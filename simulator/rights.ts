import { guidOf } from './json.ts';
import { errorReply, type Reply } from './reply.ts';
import type { Store } from './store.ts';
import type { Target } from './target.ts';

interface Grant {
  readonly clientId: string | undefined;
  readonly scope: string;
}

/** Who may do what. A subscription without grants is open to everybody. */
export class Rights {
  readonly #grants = new Map<string, Grant[]>();

  /** From now on the subscription is closed to that application (to all, when undefined) but for the scopes granted to it. */
  grant(subscription: string, scope: string, clientId: string | undefined): void {
    const key = subscription.toLowerCase();
    this.#grants.set(key, [...(this.#grants.get(key) ?? []), { clientId, scope: scope.toLowerCase() }]);
  }

  /** Opens the subscription again. */
  clear(subscription: string): void {
    this.#grants.delete(subscription.toLowerCase());
  }

  /** Role assignments go with what they are on: with its group, an identity loses what it had there, and is not told that the group is gone. */
  allows(store: Store, target: Target, clientId: string | undefined): boolean {
    const grants = (this.#grants.get(target.subscription.toLowerCase()) ?? []).filter(
      (grant) => grant.clientId === undefined || grant.clientId === clientId,
    );
    if (grants.length === 0) return true;
    return grants.some(({ scope }) => {
      const within = target.key === scope || target.key.startsWith(`${scope}/`);
      return within && (/^\/subscriptions\/[^/]+$/.test(scope) || store.get(scope) !== undefined);
    });
  }
}

/** ARM's refusal of somebody without rights. It does not tell whether the resource exists. */
export function forbidden(target: Target, method: string, clientId: string | undefined): Reply {
  const client = clientId ?? guidOf('client of nobody');
  const verb = { GET: 'read', HEAD: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete' }[method] ?? 'action';
  const verbOf = target.action === undefined || verb === 'read' ? verb : `${target.action}/action`;
  const message = `The client '${client}' with object id '${guidOf(`object ${client}`)}' does not have authorization to perform action '${target.type}/${verbOf}' over scope '${target.id}' or the scope is invalid. If access was recently granted, please refresh your credentials.`;
  return errorReply('gateway', 403, 'AuthorizationFailed', message);
}
