import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { BASE_IMAGE, NODE_IMAGE } from '../../dev/docker/stand-ins.ts';
import { COMPOSE_IMAGES } from '../../dev/docker/compose-stand-ins.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
}
interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules?: readonly { readonly apiGroups: string[]; readonly resources: string[] }[];
}

describe('the files of compose', () => {
  const { services } = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };

  it('name the images that the tests have stand-ins for', () => {
    const images = Object.values(services).map(({ image }) => image);
    const own = images.filter((image) => image.startsWith('azure-temporal-operator:'));
    const others = images.filter((image) => !own.includes(image));
    expect([...new Set(others)].sort()).toEqual(Object.values(COMPOSE_IMAGES).sort());
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(new Set(own)).toEqual(new Set([`azure-temporal-operator:\${OPERATOR_VERSION:-${version}}`]));
  });

  it('give the watcher no credential of Azure', () => {
    expect(Object.keys(services['worker']!.environment!)).toContain('AZURE_CLIENT_SECRET');
    const names = Object.keys(services['watcher']!.environment!);
    expect(names.filter((name) => /SUBSCRIPTION|TENANT_ID|CLIENT/.test(name))).toEqual([]);
  });

  it.each([
    { part: 'worker', subresource: '' },
    { part: 'worker', subresource: '/status' },
    { part: 'watcher', subresource: '' },
  ])('give the $part rights on all kinds$subresource', ({ part, subresource }) => {
    const kinds = readdirSync(join(ROOT, 'crds')).filter((name) => name.includes('_'));
    const roles = parseAllDocuments(read('deploy/compose/rights.yaml')).map((document) => document.toJS() as Role);
    const role = roles.find(({ kind, metadata: { name } }) => kind === 'ClusterRole' && name.endsWith(`-${part}`));
    const files = role!.rules!.flatMap(({ apiGroups: [group = ''], resources }) =>
      resources
        .filter((resource) => resource.endsWith(subresource))
        .map((resource) => `${group}_${resource.slice(0, resource.length - subresource.length)}.yaml`),
    );
    expect(files).toEqual(expect.arrayContaining(kinds));
  });
});

it('the Dockerfile names the base images that the tests have stand-ins for', () => {
  expect(read('Dockerfile')).toContain(`NODE_IMAGE=${NODE_IMAGE}\n`);
  expect(read('Dockerfile')).toContain(`BASE_IMAGE=${BASE_IMAGE}\n`);
});
