import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { CHART, helm, manifestsIn, ROOT } from '../helm/helm.ts';

const FILE = join(ROOT, 'deploy/compose/rights.yaml');
const NAME = 'azure-temporal-operator';
const HEADER = `# Written by UPDATE_RIGHTS=1 npm test -- test/compose/rights, from the roles of the Helm chart. docs/helm.md says what each right is for.
# For the ServiceAccounts of make-kubeconfigs.sh: what worker and watcher may do in the cluster, with the resources of all kinds.
`;

// It may have to build Helm.
it("deploy/compose/rights.yaml is the chart's least rights, for all kinds", async () => {
  const rights = await chartRights();
  if (process.env['UPDATE_RIGHTS']) writeFileSync(FILE, rights);
  expect(readFileSync(FILE, 'utf8')).toBe(rights);
}, 900_000);

/** Without the labels, by which Helm knows what is its own. */
async function chartRights(): Promise<string> {
  const sets = ['temporal.address=none:7233', 'crds.kinds={*,generic.azure-temporal-operator.io/*}'];
  const rendered = await helm([
    ...['template', NAME, CHART, '--namespace', NAME, '--show-only', 'templates/rbac.yaml'],
    ...sets.flatMap((set) => ['--set', set]),
  ]);
  const manifests = manifestsIn(rendered).map(({ apiVersion, kind, metadata: { name, namespace }, ...rest }) => ({
    ...{ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } },
    ...rest,
  }));
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAME } };
  return HEADER + [namespace, ...manifests].map((manifest) => stringify(manifest)).join('---\n');
}
