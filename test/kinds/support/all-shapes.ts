import type { Kind } from '../../../kinds/contract.ts';
import { factsFor, type Facts } from '../../../kinds/facts/facts.ts';
import { loadFullKinds, readRows } from '../../../kinds/load.ts';
import { lowerBody } from '../../../kinds/mapping/lower.ts';
import type { ObjectNode } from '../../../kinds/mapping/node.ts';
import type { FullShape } from '../../../kinds/shape.ts';
import { readTypeFile, resourceBody, type ArmBody, type TypeFile } from '../../../kinds/facts/type-file.ts';

/** A kind at an api-version with everything the tests compare: the shape, and what it was made from. */
export interface Known {
  readonly id: string;
  readonly kind: Kind;
  readonly apiVersion: string;
  readonly shape: FullShape;
  readonly node: ObjectNode;
  readonly file: TypeFile;
  readonly facts: Facts;
  readonly body: ArmBody;
}

/** Every kind at every api-version. */
export function allShapes(): Known[] {
  const kinds = loadFullKinds();
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
      const node = lowerBody({ file, facts, side: 'spec' }, body);
      const id = `${row.kind}.${row.group}@${apiVersion}`;
      return { id, kind, apiVersion, shape: kinds.shape(kind, apiVersion), node, file, facts, body };
    });
  });
}
