import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments, stringify } from 'yaml';
import { ensureBinaries } from '../../../dev/binaries.ts';
import type { Manifest } from '../../../dev/kube-api.ts';
import type { JsonObject } from '../../../kinds/contract.ts';
import { readGenericTypes } from '../../../kinds/generic/generic-types.ts';
import { loadKinds } from '../../../kinds/load.ts';
import { loadSamples } from '../../samples/load-samples.ts';

/** Another test sees that it is what `npm run generate` writes. */
const CONFIGURATION = join(import.meta.dirname, '../../../deploy/kustomize/name-references.yaml');
const PREFIX = 'dev-';
const kinds = loadKinds({ genericTypes: readGenericTypes({ GENERIC_RESOURCE_TYPES: '*' }) });

/** The real Kustomize (in kubectl), with the configuration that administrators copy. */
describe('deploy/kustomize/name-references.yaml', () => {
  let directory: string;
  let kubectl: string;

  beforeAll(async () => {
    kubectl = (await ensureBinaries(() => undefined)).kubectl;
    directory = await mkdtemp(join(tmpdir(), 'kustomize-'));
    await copyFile(CONFIGURATION, join(directory, 'name-references.yaml'));
  }, 120_000);
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function kustomize(objects: readonly object[], more: JsonObject): Promise<Manifest[]> {
    await writeFile(join(directory, 'all.yaml'), objects.map((object) => stringify(object)).join('---\n'));
    const own = { resources: ['all.yaml'], configurations: ['name-references.yaml'], ...more };
    await writeFile(join(directory, 'kustomization.yaml'), stringify(own));
    const { stdout } = await promisify(execFile)(kubectl, ['kustomize', directory], { maxBuffer: 64 * 1024 * 1024 });
    return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
  }

  it('lets all names of ASO’s samples follow their objects, and leaves the other names alone', async () => {
    // Kustomize looks for a name in the namespace of the object that has it: so each folder of samples is in its own.
    const units = [...Map.groupBy(loadSamples(), ({ unit }) => unit).values()];
    const before = units.flatMap((samples, unit) =>
      samples.map(({ manifest }) => inNamespace(manifest, `unit-${String(unit)}`)),
    );
    const after = await kustomize(before, { namePrefix: PREFIX });
    let [followed, left] = [0, 0];
    for (const manifest of before) {
      const { namespace } = manifest.metadata;
      const renamed = (name: Name): Name => (isPrefixed(name) ? { ...name, name: PREFIX + name.name } : name);
      const isThere = (name: Name): boolean => before.some((object) => isNamed(object, name, namespace));
      const wanted = namesIn(manifest).map((name) => (isThere(name) ? renamed(name) : name));
      expect(namesIn(after.find((object) => isNamed(object, renamed(idOf(manifest)), namespace))!)).toEqual(wanted);
      followed += wanted.filter(({ name }) => name.startsWith(PREFIX)).length;
      left += wanted.filter(({ name }) => !name.startsWith(PREFIX)).length;
    }
    expect(followed).toBeGreaterThan(100);
    expect(left).toBeGreaterThan(5);
  }, 240_000);

  it('lets Secrets and ConfigMaps have the hash of their content in their names', async () => {
    const server = loadSamples().find(({ manifest: { kind } }) => kind === 'FlexibleServer')!.manifest;
    const [password] = namesIn(server as Manifest).filter(({ kind }) => kind === 'Secret');
    const all = await kustomize([server], { secretGenerator: [{ name: password!.name, literals: ['password=x'] }] });
    const secret = all.find(({ kind }) => kind === 'Secret')!;
    expect(secret.metadata.name).toMatch(new RegExp(`^${password!.name}-[a-z0-9]{10}$`));
    const [after] = namesIn(all.find(({ kind }) => kind === 'FlexibleServer')!).filter(({ kind }) => kind === 'Secret');
    expect(after!.name).toBe(secret.metadata.name);
  }, 60_000);

  const HASHED = /^(settings|password|credential)-[a-z0-9]{10}$/;
  const FIELDS: readonly { reason: string; object: JsonObject; at: string; is: RegExp }[] = [
    {
      reason: 'the owner of a kind that can be in anything',
      object: {
        apiVersion: 'authorization.azure.com/v1api20220401',
        kind: 'RoleAssignment',
        spec: { owner: { group: 'resources.azure.com', kind: 'ResourceGroup', name: 'group' } },
      },
      at: 'spec.owner.name',
      is: /^dev-group$/,
    },
    {
      reason: 'a ConfigMap with a value of the spec',
      object: {
        apiVersion: 'authorization.azure.com/v1api20220401',
        kind: 'RoleAssignment',
        spec: { principalIdFromConfig: { name: 'settings', key: 'id' } },
      },
      at: 'spec.principalIdFromConfig.name',
      is: HASHED,
    },
    {
      reason: 'an identity in a list that is a map for Azure',
      object: {
        apiVersion: 'app.azure.com/v1api20240301',
        kind: 'ContainerApp',
        spec: {
          identity: {
            userAssignedIdentities: [
              { reference: { group: 'managedidentity.azure.com', kind: 'UserAssignedIdentity', name: 'who' } },
            ],
          },
        },
      },
      at: 'spec.identity.userAssignedIdentities.0.reference.name',
      is: /^dev-who$/,
    },
    {
      reason: 'the credential',
      object: {
        apiVersion: 'resources.azure.com/v1api20200601',
        kind: 'ResourceGroup',
        metadata: { annotations: { 'serviceoperator.azure.com/credential-from': 'credential' } },
      },
      at: 'metadata.annotations.serviceoperator~azure~com/credential-from',
      is: HASHED,
    },
    {
      reason: 'the Secrets of a GenericResource',
      object: {
        apiVersion: 'generic.azure-temporal-operator.io/v1',
        kind: 'GenericResource',
        spec: { secrets: [{ path: 'a', secretRef: { name: 'password', key: 'p' } }] },
      },
      at: 'spec.secrets.0.secretRef.name',
      is: HASHED,
    },
    {
      reason: 'a name of nothing in the kustomization',
      object: {
        apiVersion: 'network.azure.com/v1api20201101',
        kind: 'VirtualNetwork',
        spec: { owner: { name: 'elsewhere' } },
      },
      at: 'spec.owner.name',
      is: /^elsewhere$/,
    },
    {
      reason: 'a Secret in a field of an object that is not ours, although a field of ours has that path',
      object: { apiVersion: 'example.com/v1', kind: 'Certificate', spec: { data: { name: 'password' } } },
      at: 'spec.data.name',
      is: /^password$/,
    },
  ];
  it.each(FIELDS)('$reason', async ({ object, at, is }) => {
    const named = { ...object, metadata: { name: 'one', ...(object['metadata'] as JsonObject) } };
    const group = { apiVersion: 'resources.azure.com/v1', kind: 'ResourceGroup', metadata: { name: 'group' } };
    const who = {
      apiVersion: 'managedidentity.azure.com/v1',
      kind: 'UserAssignedIdentity',
      metadata: { name: 'who' },
    };
    const generator = (name: string): JsonObject => ({ name, literals: ['a=b'] });
    const all = await kustomize([named, group, who], {
      namePrefix: PREFIX,
      configMapGenerator: [generator('settings')],
      secretGenerator: ['password', 'credential'].map(generator),
    });
    const after = all.find(({ kind, metadata }) => kind === object['kind'] && metadata.name === `${PREFIX}one`)!;
    const value = at.split('.').reduce<unknown>((from, name) => {
      return (from as Record<string, unknown>)[name.replaceAll('~', '.')];
    }, after);
    expect(String(value).replace(HASHED.test(String(value).slice(PREFIX.length)) ? PREFIX : '', '')).toMatch(is);
  });
});

interface Name {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** Kustomize leaves the names of Namespaces alone, whatever their group: those of Service Bus and Event Hubs, too. */
function isPrefixed({ kind }: Name): boolean {
  return kind !== 'Namespace';
}

function idOf({ apiVersion, kind, metadata }: Manifest): Name {
  return { group: apiVersion.includes('/') ? apiVersion.split('/')[0]! : '', kind, name: metadata.name };
}

function inNamespace(manifest: Manifest, namespace: string): Manifest {
  return { ...manifest, metadata: { ...manifest.metadata, namespace } };
}

function isNamed(object: Manifest, name: Name, namespace: string | undefined): boolean {
  const id = idOf(object);
  return (
    object.metadata.namespace === namespace && id.group === name.group && id.kind === name.kind && id.name === name.name
  );
}

/** The objects that a manifest names, as the operator reads it. */
function namesIn(manifest: Manifest): Name[] {
  const [group = '', versionName = ''] = manifest.apiVersion.split('/');
  const kind = kinds.find({ group, kind: manifest.kind });
  if (!kind) return [];
  const spec = manifest['spec'] as JsonObject;
  const owner = spec['owner'] as { group: string; kind: string; name?: string } | undefined;
  const ownerId = kind.owner === 'any' ? owner : kind.owner;
  const inputs = kinds.shapeFor(kind, { versionName, spec }).inputs(spec);
  return [
    ...(owner?.name !== undefined && ownerId ? [{ group: ownerId.group, kind: ownerId.kind, name: owner.name }] : []),
    ...inputs.flatMap((input): Name[] => {
      if (input.type === 'armId') return [];
      if (input.type === 'reference') return [{ group: input.group, kind: input.kind, name: input.name }];
      return [{ group: '', kind: input.type === 'configMap' ? 'ConfigMap' : 'Secret', name: input.name }];
    }),
  ];
}
