import type { ExportSource, ValueSelector } from '../contract.ts';
import type { GeneratedFact, Row } from './row.ts';
import type { ArmBody, TypeFile } from './type-file.ts';
import { typesHavePath } from './type-path.ts';

/** The values a kind can export at one api-version, by name under `operatorSpec`. */
export interface Exportable {
  readonly secrets: ReadonlyMap<string, ExportSource>;
  readonly configMaps: ReadonlyMap<string, ExportSource>;
  /** The names in `configMaps` whose value some resources of the kind do not have. */
  readonly optional: ReadonlySet<string>;
}

/** The values of a row that a kind can export at one api-version. */
export function exportableAt(row: Row, apiVersion: string, types: { file: TypeFile; body: ArmBody }): Exportable {
  const pick = (facts: Readonly<Record<string, GeneratedFact>>): ReadonlyMap<string, ExportSource> =>
    new Map(
      Object.entries(facts)
        .filter(
          ([, fact]) =>
            fact.versions?.includes(apiVersion) ??
            (fact.status === undefined || typesHavePath(types.file, types.body, fact.status)),
        )
        .map(([name, fact]) => [name, sourceOf(fact)]),
    );
  const optional = Object.entries(row.generatedConfigMaps).flatMap(([name, fact]) => (fact.optional ? [name] : []));
  return {
    secrets: pick(row.generatedSecrets),
    configMaps: pick(row.generatedConfigMaps),
    optional: new Set(optional),
  };
}

function sourceOf({
  status,
  post,
  idPart,
  followId,
  child,
  apiVersion,
  versions: _,
  optional: _optional,
  ...fact
}: GeneratedFact): ExportSource {
  if (idPart !== undefined) return { from: 'id', part: idPart };
  const selector: ValueSelector = { ...fact, path: status ?? fact.path ?? '' };
  const version = apiVersion === undefined ? {} : { apiVersion };
  if (post === undefined) {
    return { from: 'answer', ...selector, ...(followId === undefined ? {} : { follow: followId, ...version }) };
  }
  return { from: 'action', action: post, ...selector, ...version, ...(child === undefined ? {} : { child }) };
}
