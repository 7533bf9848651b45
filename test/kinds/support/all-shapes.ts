import type { Kind } from '../../../kinds/contract.ts';
import { factsFor, type Facts } from '../../../kinds/facts/row-facts.ts';
import { readTypeFile, resourceBody, type ArmBody, type TypeFile } from '../../../kinds/facts/type-file.ts';
import { loadKindsWithParts, readRows } from '../../../kinds/load.ts';
import { buildNodes } from '../../../kinds/mapping/build-nodes.ts';
import type { ObjectNode } from '../../../kinds/mapping/node.ts';
import type { ShapeWithParts } from '../../../kinds/shape.ts';

/** A kind at an api-version: the shape and the parts that it was made from. */
export interface Known {
  readonly id: string;
  readonly kind: Kind;
  readonly apiVersion: string;
  readonly shape: ShapeWithParts;
  readonly node: ObjectNode;
  readonly file: TypeFile;
  readonly facts: Facts;
  readonly body: ArmBody;
}

/** Every kind at every api-version. */
export function allShapes(): Known[] {
  const kinds = loadKindsWithParts();
  const files = new Map<string, TypeFile>();
  return readRows().flatMap((row) => {
    const kind = kinds.find(row)!;
    return row.apiVersions.map((apiVersion): Known => {
      const provider = row.armType.split('/')[0]!;
      const from = row.typesFrom?.[apiVersion] ?? apiVersion;
      const file = files.get(`${provider}/${from}`) ?? readTypeFile(provider, from);
      files.set(`${provider}/${from}`, file);
      const facts = factsFor(row, apiVersion);
      const body = resourceBody(file, row.armType);
      const node = buildNodes({ file, facts, side: 'spec' }, body);
      const id = `${row.kind}.${row.group}@${apiVersion}`;
      return { id, kind, apiVersion, shape: kinds.shape(kind, apiVersion), node, file, facts, body };
    });
  });
}
