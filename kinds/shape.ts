import type { Kind, Quirk, Shape } from './contract.ts';
import { exportableAt, type Exportable } from './facts/exportable.ts';
import { factsFor, type Facts } from './facts/row-facts.ts';
import type { Row } from './facts/row.ts';
import { resourceBody, type ArmBody, type TypeFile } from './facts/type-file.ts';
import { differencesOf } from './mapping/differences.ts';
import { exportsOf, expressionsOf } from './mapping/exports.ts';
import { inputsOf } from './mapping/inputs.ts';
import { keepChildren, type Children } from './mapping/keep-children.ts';
import { buildNodes } from './mapping/build-nodes.ts';
import type { ObjectNode } from './mapping/node.ts';
import { payloadOf } from './mapping/payload.ts';
import { problemsOf } from './mapping/spec-problems.ts';
import { statusOf } from './mapping/status.ts';
import { typedComparer } from './mapping/typed-comparer.ts';
import { unknownFieldProblems } from './mapping/unknown-fields.ts';
import { quirkOf } from './quirks/registry.ts';

/** What a shape is made from. The generator builds the CRD schema from the same parts. */
export interface ShapeParts {
  readonly row: Row;
  readonly body: ArmBody;
  /** The tree of the spec. */
  readonly node: ObjectNode;
  readonly exportable: Exportable;
}

/** A shape together with its parts. */
export type ShapeWithParts = Shape & ShapeParts;

/** Makes the shape of a kind at one api-version. */
export function makeShape(input: { kind: Kind; row: Row; apiVersion: string; file: TypeFile }): ShapeWithParts {
  const { kind, row, apiVersion, file } = input;
  const body = resourceBody(file, row.armType);
  const facts = factsFor(row, apiVersion);
  const node = buildNodes({ file, facts, side: 'spec' }, body);
  const answerNode = buildNodes({ file, facts, side: 'status' }, body);
  const comparer = typedComparer({ file, facts }, body);
  const exportable = exportableAt(row, apiVersion, { file, body });
  const publicPaths = new Set(
    [...exportable.configMaps.values()].flatMap((source) => (source.from === 'answer' ? [source.path] : [])),
  );
  return {
    kind,
    apiVersion,
    inputs: (spec) => inputsOf(node, spec),
    payload: (given) => payloadOf(node, given),
    status: (answer) => statusOf(answerNode, answer, publicPaths),
    quirk: withExistingChildren(quirkOf(kind), { file, body, paths: childPathsOf(kind, facts) }),
    problems: (spec) => [...unknownFieldProblems({ node, exportable }, spec, apiVersion), ...problemsOf(spec)],
    exports: (spec) => exportsOf(exportable, spec),
    expressions: (spec) => expressionsOf(exportable, spec),
    differences: (payload, answer) => differencesOf(comparer, payload, answer),
    row,
    body,
    node,
    exportable,
  };
}

function childPathsOf(kind: Kind, facts: Facts): string[] {
  return [...facts.all('keepChildren').map(({ path }) => path), ...(quirkOf(kind).keepChildren ?? [])];
}

/**
 * The quirk of a kind, extended for kinds with embedded children: it first adds the existing children to the payload.
 */
function withExistingChildren(quirk: Quirk, children: Children): Quirk {
  if (children.paths.length === 0) return quirk;
  return {
    ...quirk,
    beforePut: (input) => {
      const { payload, existing } = input;
      const kept = existing === undefined ? payload : keepChildren(children, payload, existing);
      return quirk.beforePut?.({ ...input, payload: kept }) ?? { type: 'payload', payload: kept };
    },
  };
}
