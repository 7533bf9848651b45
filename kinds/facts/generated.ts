import type { ExportSource, ValuePlace } from '../contract.ts';
import { resolves } from './paths.ts';
import type { GeneratedFact, Row } from './row.ts';
import type { ArmBody, TypeFile } from './type-file.ts';

/** The values a kind can export at one api-version, by name under `operatorSpec`. */
export interface Generated {
  readonly secrets: ReadonlyMap<string, ExportSource>;
  readonly configMaps: ReadonlyMap<string, ExportSource>;
  /** Those of `configMaps` that not every resource has. */
  readonly optional: ReadonlySet<string>;
}

/** What of a row's generated values there is at one api-version. */
export function generatedFor(row: Row, apiVersion: string, types: { file: TypeFile; body: ArmBody }): Generated {
  const pick = (facts: Readonly<Record<string, GeneratedFact>>): ReadonlyMap<string, ExportSource> =>
    new Map(
      Object.entries(facts)
        .filter(
          ([, fact]) =>
            fact.versions?.includes(apiVersion) ??
            (fact.status === undefined || resolves(types.file, types.body, fact.status)),
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
  const place: ValuePlace = { ...fact, path: status ?? fact.path ?? '' };
  const version = apiVersion === undefined ? {} : { apiVersion };
  if (post === undefined) {
    return { from: 'answer', ...place, ...(followId === undefined ? {} : { follow: followId, ...version }) };
  }
  return { from: 'action', action: post, ...place, ...version, ...(child === undefined ? {} : { child }) };
}
