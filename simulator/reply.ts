import type { Json } from './json.ts';

/** The Azure service that answers. Services differ in content type and cache headers. */
export type Service = 'gateway' | 'resources' | 'mysql' | 'cosmos' | 'storage' | 'generic';

export interface Reply {
  readonly status: number;
  readonly service: Service;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

/** An error body in ARM's usual form. */
export function errorReply(service: Service, status: number, code: string, message: string): Reply {
  return { status, service, body: { error: { code, message } } };
}

/** The 404 of the gateway for a resource group. The gateway knows only groups and top-level resources. */
export function groupNotFound(group: string): Reply {
  return errorReply('gateway', 404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
}

export function resourceNotFound(type: string, name: string, group: string): Reply {
  const message = `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;
  return errorReply('gateway', 404, 'ResourceNotFound', message);
}

/** The 404 of the gateway for a child without a parent. The message has the type without its namespace. */
export function parentNotFound(verb: 'write' | 'delete', type: string, parentId: string): Reply {
  const short = type.slice(type.indexOf('/') + 1);
  const message = `Failed to perform '${verb}' on resource(s) of type '${short}', because the parent resource '${parentId}' could not be found.`;
  return errorReply('gateway', 404, 'ParentResourceNotFound', message);
}
