import type { JsonObject, Kind, Shape } from './contract.ts';
import { differencesOf } from './mapping/differences.ts';
import { exportsOf, expressionsOf } from './mapping/exports.ts';
import { factsFor, type Facts } from './facts/facts.ts';
import { generatedFor, type Generated } from './facts/generated.ts';
import { inputsOf } from './mapping/inputs.ts';
import { lowerBody } from './mapping/lower.ts';
import type { ObjectNode } from './mapping/node.ts';
import { payloadOf } from './mapping/payload.ts';
import { keepChildren, type Children } from './mapping/keep-children.ts';
import type { Quirk } from './quirks/contract.ts';
import { quirkOf } from './quirks/registry.ts';
import { problemsOf } from './mapping/problems.ts';
import type { Row } from './facts/row.ts';
import { specSchema } from './generate/spec-schema.ts';
import { statusOf } from './mapping/status.ts';
import { resourceBody, type TypeFile } from './facts/type-file.ts';
import { typedView } from './mapping/typed-view.ts';

/** A shape that also knows what its CRD says; only the generator asks for that. */
export type FullShape = Shape & {
  /** @param described with the text of `kubectl explain` */
  specSchema(described?: boolean): JsonObject;
  /** The tree of the spec, for the page of kinds. */
  readonly node: ObjectNode;
  readonly generated: Generated;
};

/** Builds the trees of a kind at one api-version. */
export function makeShape(input: { kind: Kind; row: Row; apiVersion: string; file: TypeFile }): FullShape {
  const { kind, row, apiVersion, file } = input;
  const body = resourceBody(file, row.armType);
  const facts = factsFor(row, apiVersion);
  const node = lowerBody({ file, facts, side: 'spec' }, body);
  const answerNode = lowerBody({ file, facts, side: 'status' }, body);
  const view = typedView({ file, facts }, body);
  const generated = generatedFor(row, apiVersion, { file, body });
  const open = new Set(
    [...generated.configMaps.values()].flatMap((source) => (source.from === 'answer' ? [source.path] : [])),
  );
  return {
    kind,
    apiVersion,
    inputs: (spec) => inputsOf(node, spec),
    payload: (given) => payloadOf(node, given),
    status: (answer) => statusOf(answerNode, answer, open),
    quirk: withChildren(quirkOf(kind), { file, body, paths: childrenOf(kind, facts) }),
    problems: (spec) => problemsOf(spec),
    exports: (spec) => exportsOf(generated, spec),
    expressions: (spec) => expressionsOf(generated, spec),
    differences: (payload, answer) => differencesOf(view, payload, answer),
    specSchema: (described) => specSchema({ row, body, node, generated }, described),
    node,
    generated,
  };
}

function childrenOf(kind: Kind, facts: Facts): string[] {
  return [...facts.all('keepChildren').map(({ path }) => path), ...(quirkOf(kind).keepChildren ?? [])];
}

/** A quirk that also keeps the children of kinds that have such. */
function withChildren(quirk: Quirk, children: Children): Quirk {
  if (children.paths.length === 0) return quirk;
  return {
    ...quirk,
    beforePut: (input) => {
      const { payload, existing } = input;
      const kept = existing === undefined ? payload : keepChildren(children, payload, existing);
      return quirk.beforePut?.({ ...input, payload: kept }) ?? { is: 'payload', payload: kept };
    },
  };
}
