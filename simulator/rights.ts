import { guidOf } from './json.ts';
import { errorReply, type Reply } from './reply.ts';
import type { Store } from './store.ts';
import type { ArmPath } from './arm-path.ts';

interface Grant {
  readonly clientId: string | undefined;
  readonly scope: string;
}

/** Grants of access. Everybody has access to a subscription without grants. */
export class Rights {
  readonly #grants = new Map<string, Grant[]>();

  /**
   * Denies access to the subscription except for the granted scopes, to one application or (undefined) to everybody.
   */
  grant(subscription: string, scope: string, clientId: string | undefined): void {
    const key = subscription.toLowerCase();
    this.#grants.set(key, [...(this.#grants.get(key) ?? []), { clientId, scope: scope.toLowerCase() }]);
  }

  /** Gives everybody access to the subscription again. */
  clear(subscription: string): void {
    this.#grants.delete(subscription.toLowerCase());
  }

  /**
   * A role assignment is deleted together with its scope. After a group was deleted, an identity that had rights on the
   * group only gets 403, and does not learn that the group is gone.
   */
  allows(store: Store, target: ArmPath, clientId: string | undefined): boolean {
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

/** The 403 of ARM. It does not reveal whether the resource exists. */
export function forbidden(target: ArmPath, method: string, clientId: string | undefined): Reply {
  const client = clientId ?? guidOf('client of nobody');
  const verb = { GET: 'read', HEAD: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete' }[method] ?? 'action';
  const verbOf = target.action === undefined || verb === 'read' ? verb : `${target.action}/action`;
  const message = `The client '${client}' with object id '${guidOf(`object ${client}`)}' does not have authorization to perform action '${target.type}/${verbOf}' over scope '${target.id}' or the scope is invalid. If access was recently granted, please refresh your credentials.`;
  return errorReply('gateway', 403, 'AuthorizationFailed', message);
}
