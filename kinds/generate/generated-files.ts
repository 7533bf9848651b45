import type { Kind } from '../contract.ts';
import { isSelected } from '../facts/kind-selection.ts';
import { GENERIC_KIND } from '../generic/generic-kind.ts';
import { loadKindsWithParts, readRows } from '../load.ts';
import type { ShapeWithParts } from '../shape.ts';
import { policiesOf } from './admission-policy.ts';
import { checkRow } from './check-row.ts';
import { crdOf } from './crd.ts';
import { genericCrd } from './generic-crd.ts';
import { kindsPage } from './kinds-page.ts';
import { nameReferences } from './name-references.ts';
import { parityPage } from './parity-page.ts';
import { specSchema } from './spec-schema.ts';
import { crdToYaml, toYaml } from './yaml.ts';

const GENERIC_FILE = `${GENERIC_KIND.group}_${GENERIC_KIND.plural}.yaml`;

/**
 * The files of `crds/` for a selection of kinds: name -> content.
 * @throws Error that names a row and a path of it that does not exist in the types.
 */
export function crdFiles(selection = '*'): ReadonlyMap<string, string> {
  const kinds = loadKindsWithParts();
  const selected = kinds.all().filter((kind) => isSelected(selection, kind));
  for (const row of readRows().filter((other) => isSelected(selection, other))) checkRow(row);
  const isGeneric = isSelected(selection, GENERIC_KIND);
  const groups = [...new Set([...selected, ...(isGeneric ? [GENERIC_KIND] : [])].map((kind) => kind.group))];
  return new Map([
    ...selected.map((kind): [string, string] => {
      const crd = crdOf(kind, (apiVersion, described) => specSchema(kinds.shape(kind, apiVersion), described));
      return [`${kind.group}_${kind.plural}.yaml`, crdToYaml(crd)];
    }),
    ...(isGeneric ? [[GENERIC_FILE, crdToYaml(genericCrd())] as [string, string]] : []),
    ['policy.yaml', toYaml(policiesOf(groups))],
  ]);
}

/** All generated files: path in the repository -> content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const kinds = loadKindsWithParts();
  const shapeOf = (kind: Kind, apiVersion: string): ShapeWithParts => kinds.shape(kind, apiVersion);
  return new Map([
    ...[...crdFiles()].map(([name, content]): [string, string] => [`crds/${name}`, content]),
    ['deploy/kustomize/name-references.yaml', nameReferences(kinds.all(), shapeOf)],
    ['docs/kinds.md', kindsPage(kinds.all(), shapeOf)],
    ['docs/parity.md', parityPage(kinds.all(), shapeOf)],
  ]);
}
