import { checkRow } from './check.ts';
import { GENERIC_KIND } from '../generic/generic.ts';
import { loadFullKinds, readRows } from '../load.ts';
import { crdOf } from './crd.ts';
import { genericCrd } from './generic-crd.ts';
import { kindsPage } from './kinds-page.ts';
import { policyOf } from './policy.ts';
import { isSelected } from './selection.ts';
import { crdToYaml, toYaml } from './yaml.ts';

const GENERIC_FILE = `${GENERIC_KIND.group}_${GENERIC_KIND.plural}.yaml`;

/** Every file of `crds/` for a selection of kinds: name -> content. @throws Error naming a row and path that lead nowhere. */
export function crdFiles(selection = '*'): ReadonlyMap<string, string> {
  const kinds = loadFullKinds();
  const selected = kinds.all().filter((kind) => isSelected(selection, kind));
  for (const row of readRows().filter((other) => isSelected(selection, other))) checkRow(row);
  const groups = [...new Set(selected.map((kind) => kind.group))];
  return new Map([
    ...selected.map((kind): [string, string] => {
      const crd = crdOf(kind, (apiVersion) => kinds.shape(kind, apiVersion));
      return [`${kind.group}_${kind.plural}.yaml`, crdToYaml(crd)];
    }),
    ...(isSelected(selection, GENERIC_KIND) ? [[GENERIC_FILE, crdToYaml(genericCrd())] as [string, string]] : []),
    ['policy.yaml', toYaml(policyOf(groups))],
  ]);
}

/** Everything that is generated: path in the repository -> content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const kinds = loadFullKinds();
  return new Map([
    ...[...crdFiles()].map(([name, content]): [string, string] => [`crds/${name}`, content]),
    ['docs/kinds.md', kindsPage(kinds.all(), (kind, apiVersion) => kinds.shape(kind, apiVersion))],
  ]);
}
