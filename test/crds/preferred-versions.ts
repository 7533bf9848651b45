import type { KubeClient } from '../../kube/contract.ts';

interface Group {
  readonly metadata: { readonly name: string };
  readonly versions: readonly { readonly version: string; readonly resources: readonly { responseKind: { kind: string } }[] }[];
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** `Kind.group` -> the version that kubectl uses for the bare kind: the first one in the API server's order that has it. */
export async function preferredVersions(client: KubeClient): Promise<Map<string, string>> {
  const { body } = await client.request('GET', '/apis', undefined, { accept: AGGREGATED });
  const { items } = body as unknown as { items: readonly Group[] };
  const preferred = new Map<string, string>();
  for (const { metadata, versions } of items) {
    for (const { version, resources } of versions) {
      for (const { responseKind } of resources) {
        const id = `${responseKind.kind}.${metadata.name}`;
        if (!preferred.has(id)) preferred.set(id, version);
      }
    }
  }
  return preferred;
}
