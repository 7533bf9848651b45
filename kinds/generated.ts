import type { ExportSource } from './contract.ts';
import { resolves } from './paths.ts';
import type { GeneratedFact, Row } from './row.ts';
import type { ArmBody, TypeFile } from './type-file.ts';

/** The values a kind can export at one api-version, by name under `operatorSpec`. */
export interface Generated {
  readonly secrets: ReadonlyMap<string, ExportSource>;
  readonly configMaps: ReadonlyMap<string, ExportSource>;
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
  return { secrets: pick(row.generatedSecrets), configMaps: pick(row.generatedConfigMaps) };
}

function sourceOf({ versions: _versions, status, post, path, ...rest }: GeneratedFact): ExportSource {
  if (status !== undefined) return { from: 'answer', path: status };
  // Without an action (`idPart`, `followId`) there is nothing to call: an empty name says so.
  return { from: 'action', action: post ?? '', path: path ?? '', ...rest };
}
