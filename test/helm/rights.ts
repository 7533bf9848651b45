import type { Manifest } from '../../dev/kube-api.ts';

/** One verb on one resource, as a role gives it to a ServiceAccount. */
export interface Right {
  readonly part: string;
  readonly role: { readonly kind: 'Role' | 'ClusterRole'; readonly name: string; readonly namespace?: string };
  readonly group: string;
  /** With its subresource: `flexibleservers/status`. */
  readonly resource: string;
  readonly verb: string;
  readonly names: readonly string[] | undefined;
}

/** A request that a ServiceAccount made, from the audit log. */
export interface Use {
  readonly account: string;
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly allowed: boolean;
}

interface Role extends Manifest {
  readonly kind: 'Role' | 'ClusterRole';
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

/** Everything that the roles of the chart give, one by one. */
export function rightsIn(manifests: readonly Manifest[]): Right[] {
  const roles = manifests.filter((manifest): manifest is Role => /^(Cluster)?Role$/.test(manifest.kind));
  return roles.flatMap(({ kind, metadata, rules }) => {
    const labels = metadata['labels'] as Readonly<Record<string, string>>;
    const part = labels['app.kubernetes.io/component'] ?? '';
    const { name, namespace } = metadata;
    const role = { kind, name, ...(namespace === undefined ? {} : { namespace }) };
    return rules.flatMap(({ apiGroups, resources, resourceNames: names, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => ({ part, role, group, resource, verb, names }))),
      ),
    );
  });
}

export function describeRight({ part, role, group, resource, verb, names }: Right): string {
  const of = names === undefined ? '' : ` of ${names.length > 3 ? `${names.length} names` : names.join(', ')}`;
  const where = role.namespace === undefined ? 'in the cluster' : `in ${role.namespace}`;
  return `${part}: ${verb} ${resource}${group === '' ? '' : `.${group}`}${of} ${where}`;
}

/** Whether a request is one that needs the right. */
export function needs(use: Use, right: Right): boolean {
  return (
    use.account.endsWith(`-${right.part}`) &&
    use.group === right.group &&
    use.resource === right.resource &&
    use.verb === right.verb &&
    (right.role.namespace === undefined || right.role.namespace === use.namespace) &&
    (right.names === undefined || (use.name !== undefined && right.names.includes(use.name)))
  );
}

interface AuditEvent {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The requests to resources that the ServiceAccounts of a namespace made. */
export function usesIn(auditLog: string, namespace: string): Use[] {
  const user = `system:serviceaccount:${namespace}:`;
  return (
    auditLog
      .split('\n')
      // The last line may be half written.
      .slice(0, -1)
      .filter((line) => line.includes(user))
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter(({ objectRef }) => objectRef?.resource !== undefined)
      .map(({ user: { username }, verb, objectRef = {}, annotations = {} }) => ({
        account: username.slice(user.length),
        group: objectRef.apiGroup ?? '',
        resource: [objectRef.resource, objectRef.subresource].filter((part) => part !== undefined).join('/'),
        verb,
        namespace: objectRef.namespace,
        name: objectRef.name,
        allowed: annotations['authorization.k8s.io/decision'] === 'allow',
      }))
  );
}

/** The row of a right in docs/helm.md: all kinds are one. */
export function rowOf({ part, role, group, resource, verb }: Right): string {
  const isKind = group.endsWith('.azure.com');
  const what = isKind
    ? resource.endsWith('/status')
      ? 'kinds/status'
      : 'kinds'
    : group === ''
      ? resource
      : `${resource}.${group}`;
  const where = /-own$/.test(role.name) ? 'own' : /-(state|cluster|crds)$/.test(role.name) ? 'cluster' : 'resources';
  return `${part} ${where} ${what} ${verb}`;
}
