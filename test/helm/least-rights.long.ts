/** Takes every right of the chart away in turn: without it, a scenario fails that succeeds with it. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../../dev/kube-api.ts';
import { waitFor } from '../support/environment.ts';
import { prepareInstallation, startServers, valuesFor, type Installation } from './installation.ts';
import type { PodTemplate } from './pods.ts';
import { accountOf, SCENARIOS, type Living } from './right-scenarios.ts';
import { needs, rightsIn, rowOf, type Right } from './rights.ts';
import { guide, ready } from './scenario.ts';

const MINUTE = 60_000;
/** A scenario that needs a refused request has this long to succeed without it. */
const AFTER_REFUSAL_MS = 4_000;
const TEAM = 'team';

let installation: Installation;
let living: Living;
let manifests: readonly Manifest[];

beforeAll(async () => {
  installation = await prepareInstallation(await startServers(), 'operator-system');
  const { kube } = installation;
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: TEAM } });
  await installation.helm('install', ...valuesFor(installation), '--set', `targetNamespaces={${TEAM}}`);
  manifests = await installation.manifests();
  // Helm has deleted what its hook needed.
  for (const manifest of manifests.filter(isOfHook)) if (manifest.kind !== 'Job') await kube.apply(manifest);
  const job = manifests.find(({ kind }) => kind === 'Job') as unknown as { spec: { template: PodTemplate } };
  let names = 0;
  const fresh = (): string => `made-${String((names += 1))}`;
  living = { installation, kube, team: TEAM, job: job.spec.template, parts: await installation.startPods(), fresh };
  const [group, password, server] = guide(TEAM) as [Manifest, Manifest, Manifest];
  const metadata = { name: 'shared', namespace: TEAM };
  const spec = { ...(server['spec'] as object), owner: { name: 'shared' } };
  const shared = [{ ...group, metadata }, { ...server, metadata, spec }, accountOf(TEAM, 'shared')];
  for (const manifest of [password, ...shared]) await kube.apply(manifest);
  for (const manifest of shared) await ready(kube, manifest);
}, 15 * MINUTE);
afterAll(async () => {
  await installation?.stop();
}, MINUTE);

function isOfHook({ metadata }: Manifest): boolean {
  const annotations = (metadata['annotations'] ?? {}) as Readonly<Record<string, string>>;
  return 'helm.sh/hook' in annotations;
}

it('every right has a scenario', () => {
  expect(Object.keys(SCENARIOS).sort()).toEqual([...new Set(rightsIn(manifests).map(rowOf))].sort());
});

it.each(Object.entries(SCENARIOS))(
  '%s',
  async (row, scenario) => {
    const rights = rightsIn(manifests).filter((right) => rowOf(right) === row);
    const before = (await installation.uses()).length;
    await setRules(rights, (right) => rowOf(right) !== row);
    const run = scenario(living).then(
      () => 'succeeded',
      () => 'failed',
    );
    const refused = refusal(rights, before).then(
      () => 'refused',
      () => 'no request was refused',
    );
    const ended = await Promise.race([run, refused.then(async (how) => await sleep(AFTER_REFUSAL_MS, how))]);
    await setRules(rights, () => true);
    expect(['failed', 'refused']).toContain(ended);
    await run;
    await scenario(living);
  },
  3 * MINUTE,
);

/** Resolves when a request was refused for want of the rights. */
async function refusal(rights: readonly Right[], before: number): Promise<void> {
  await waitFor(
    async () =>
      (await installation.uses())
        .slice(before)
        .some((use) => !use.allowed && rights.some((right) => needs(use, right))),
    40_000,
    300,
  );
}

/** Writes the roles of the rights, with those of their rights that are to be kept. */
async function setRules(rights: readonly Right[], keep: (right: Right) => boolean): Promise<void> {
  const names = new Set(rights.map(({ role }) => JSON.stringify(role)));
  for (const name of names) {
    const kept = rightsIn(manifests).filter((right) => JSON.stringify(right.role) === name && keep(right));
    const rules = kept.map(({ group, resource, verb, names: resourceNames }) => ({
      apiGroups: [group],
      resources: [resource],
      verbs: [verb],
      ...(resourceNames && { resourceNames }),
    }));
    const role = JSON.parse(name) as Right['role'];
    await installation.kube.patch({ apiVersion: 'rbac.authorization.k8s.io/v1', ...role }, { rules });
  }
}
