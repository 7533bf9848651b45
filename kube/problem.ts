import { KubeError } from './errors.ts';

/**
 * Why the API server did not do what was asked, and what to do about it; undefined if that is not known to change by
 * itself or by an administrator. For what a process waits for at its start and retries later.
 */
export function kubeProblem(error: unknown): string | undefined {
  if (!(error instanceof KubeError)) return undefined;
  const todo = todoOf(error.status);
  return todo && `${error.message}; ${todo}`;
}

function todoOf(status: number): string | undefined {
  if (status === 0) return 'start the API server, or check KUBECONFIG';
  if (status === 401) return 'check the credentials in KUBECONFIG, or those of the service account';
  if (status === 403) return "bind this process's role to its user or service account";
  if (status === 404) return 'create the namespace, or what else is missing of this path';
  if (status === 429 || status >= 500) return 'the API server is starting or overloaded';
  return undefined;
}
