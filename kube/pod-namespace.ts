import { readFileSync } from 'node:fs';

const SERVICE_ACCOUNT_NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/**
 * The namespace of the operator's own objects (the Secret with the sealing keys, the Lease): POD_NAMESPACE, else the
 * namespace of the pod's service account. There is no default: in a namespace that users can write to, such as
 * `default`, they could read or replace the sealing keys.
 * @throws Error that names the variable, outside a pod without it, or when it is not a namespace name
 */
export function podNamespace(
  environment: Readonly<Record<string, string | undefined>>,
  serviceAccountFile: string = SERVICE_ACCOUNT_NAMESPACE,
): string {
  const given = environment['POD_NAMESPACE']?.trim();
  if (given) {
    if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(given)) return given;
    throw new Error(`POD_NAMESPACE is "${given}", which is not a namespace name; set it to the namespace of this pod`);
  }
  const found = read(serviceAccountFile);
  if (found) return found;
  throw new Error(
    'POD_NAMESPACE is not set, and this process is not in a pod; set it to an existing namespace for the Secret and the Lease of the operator, in which users have no rights',
  );
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // Not in a pod, or the pod mounts no service account.
    return undefined;
  }
}
