import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { chartFiles } from '../../scripts/chart-files.ts';
import { CHART, helm, render, ROOT } from './helm.ts';
import { rightsIn, rowOf } from './rights.ts';

// The first test may have to build Helm.
const BUILD_MS = 900_000;
const ADDRESS = ['--set', 'temporal.address=temporal:7233'];
const SETS = ['default', 'namespaced', 'secured-temporal', 'workload-identity'];
const valuesFile = (name: string): string => join(import.meta.dirname, 'values', `${name}.yaml`);

it(
  'helm lint --strict finds nothing',
  async () => {
    expect(await helm(['lint', '--strict', CHART, ...ADDRESS])).toContain('0 chart(s) failed');
  },
  BUILD_MS,
);

it('chart and application have the version of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'))).toMatchObject({ version, appVersion: version });
});

it.each([...chartFiles()])('%s is what npm run generate writes', (path, content) => {
  expect(readFileSync(join(ROOT, path), 'utf8')).toBe(content);
});

it.each(SETS)('helm template gives test/helm/golden/%s.yaml', async (name) => {
  const args = ['template', 'operator', CHART, '--namespace', 'operator', '--values', valuesFile(name)];
  const rendered = await helm(args);
  const golden = join(import.meta.dirname, 'golden', `${name}.yaml`);
  if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, rendered);
  expect(rendered).toBe(readFileSync(golden, 'utf8'));
});

it('without crds.kinds, the Job and the roles are about all kinds but GenericResource', async () => {
  const manifests = await render(...ADDRESS);
  const job = manifests.find(({ kind }) => kind === 'Job') as unknown as { spec: { template: { spec: PodSpec } } };
  expect(job.spec.template.spec.containers[0]?.args).toEqual(['cli/crds.ts']);
  const files = readdirSync(join(ROOT, 'crds')).filter((name) => !/^policy|^generic\./.test(name));
  const kinds = rulesOf(manifests, '-watcher').filter(({ apiGroups: [group = ''] }) => group.endsWith('.azure.com'));
  expect(
    kinds.flatMap(({ apiGroups: [group], resources }) => resources.map((plural) => `${group}_${plural}.yaml`)).sort(),
  ).toEqual(files.sort());
});

interface PodSpec {
  readonly containers: readonly { readonly args: string[] }[];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

function rulesOf(manifests: Awaited<ReturnType<typeof render>>, suffix: string): readonly Rule[] {
  const role = manifests.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name.endsWith(suffix));
  return (role as unknown as { rules: Rule[] }).rules;
}

describe('values that cannot be used are refused by Helm', () => {
  const REFUSED: readonly { why: string; set: readonly string[]; message: RegExp }[] = [
    { why: 'no address', set: [], message: /temporal\.address is not set; set it to the address/ },
    {
      why: 'an address with a scheme',
      set: ['temporal.address=https://temporal'],
      message: /temporal\.address is "[^"]+"; write <host>:<port>/,
    },
    {
      why: 'an address without a port',
      set: ['temporal.address=temporal'],
      message: /temporal\.address is "[^"]+"; write <host>:<port>/,
    },
    { why: 'a misspelt value', set: ['temporal.adress=a:1'], message: /adress/ },
    { why: 'an unknown log level', set: ['logLevel=verbose'], message: /logLevel[\s\S]*info/ },
    { why: 'a client id that is none', set: ['azure.clientId=me'], message: /clientId/ },
    {
      why: 'half a credential',
      set: ['azure.clientId=00000000-0000-0000-0000-000000000003'],
      message: /azure\.subscriptionId, azure\.tenantId and azure\.clientId belong together/,
    },
    {
      why: 'a client that nothing proves',
      set: ['clientId', 'subscriptionId', 'tenantId'].map((id) => `azure.${id}=00000000-0000-0000-0000-000000000003`),
      message: /nothing proves it: set azure\.workloadIdentity\.enabled, or azure\.secretName/,
    },
    {
      why: 'two proofs',
      set: ['azure.workloadIdentity.enabled=true', 'azure.secretName=s'],
      message: /exclude each other/,
    },
    {
      why: 'an endpoint without TLS',
      set: ['azure.resourceManagerEndpoint=http://arm'],
      message: /resourceManagerEndpoint/,
    },
    {
      why: 'a kind that does not exist',
      set: ['crds.kinds={storage.azure.com/StorageAcount}'],
      message: /no kind matches "storage\.azure\.com\/StorageAcount"/,
    },
    {
      why: 'a selection in another notation',
      set: ['crds.kinds={StorageAccount}'],
      message: /crds\.kinds: no kind matches "StorageAccount"; write <group>/,
    },
    {
      why: 'types of GenericResource without its kind',
      set: ['genericResourceTypes={Microsoft.Maps/accounts}'],
      message: /genericResourceTypes is set, but crds\.kinds does not select GenericResource/,
    },
    {
      why: 'a period that is no duration',
      set: ['syncPeriod=often'],
      message: /syncPeriod is "often"; write a Go duration/,
    },
    { why: 'a namespace that is none', set: ['targetNamespaces={Team}'], message: /targetNamespaces/ },
    {
      why: 'a certificate without TLS',
      set: ['temporal.tls.secretName=s'],
      message: /temporal\.tls\.enabled is false; set it to true/,
    },
    {
      why: 'a build id without its deployment',
      set: ['worker.buildId=v1'],
      message: /worker\.buildId is set without worker\.deploymentName/,
    },
    { why: 'a digest that is none', set: ['image.digest=latest'], message: /image[/.]digest/ },
    { why: 'a number of pods that is none', set: ['worker.replicas=-1'], message: /replicas/ },
    { why: 'more signals than the watcher takes', set: ['watcher.signalsPerSecond=5000'], message: /signalsPerSecond/ },
  ];

  it.each(REFUSED)('$why', async ({ set, message }) => {
    const address = set.some((value) => value.startsWith('temporal.address')) || set.length === 0 ? [] : ADDRESS;
    const args = [...address, ...set.flatMap((value) => ['--set', value])];
    await expect(render(...args)).rejects.toThrow(message);
  });
});

it('docs/helm.md lists exactly the rights that the roles give', async () => {
  const cluster = await render('--values', valuesFile('default'));
  const namespaced = await render('--values', valuesFile('namespaced'));
  const given = new Set([...rightsIn(cluster), ...rightsIn(namespaced)].map(rowOf));
  const page = readFileSync(join(ROOT, 'docs/helm.md'), 'utf8');
  const listed = [...page.matchAll(/^\| (worker|watcher|crds) +\| (\w+) +\| `([^`]+)` +\| `(\w+)` +\|/gm)];
  expect(listed.map(([, ...row]) => row.join(' ')).sort()).toEqual([...given].sort());
});

it('docs/settings.md knows every variable that the chart sets', async () => {
  const page = readFileSync(join(ROOT, 'docs/settings.md'), 'utf8');
  const rendered = await Promise.all(SETS.map((name) => helm(['template', CHART, '--values', valuesFile(name)])));
  const names = [...rendered.join('\n').matchAll(/name: ([A-Z]+(?:_[A-Z]+)+)/g)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(10);
  expect([...new Set(names)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
