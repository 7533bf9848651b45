import type { Applied } from '../../contract/stored-state.ts';
import type { JsonObject, Shape } from '../../kinds/contract.ts';
import { baselineOf, driftFrom } from '../../kinds/mapping/baseline.ts';
import { azureStateOf } from './azure-state.ts';
import type { Wanted } from './payload.ts';

/** What a comparison with Azure says is to be done. */
export type Verdict =
  /** Azure has it. `applied` is what is known of it from now on. */
  | { readonly is: 'accepted'; readonly applied: Applied; readonly kept: readonly string[] }
  | { readonly is: 'send'; readonly why: 'absent' | 'changed' | 'drift' | 'failed'; readonly paths: readonly string[] }
  /** Azure has accepted exactly this, and holds the resource as failed. */
  | { readonly is: 'rejected' }
  | { readonly is: 'join' }
  | { readonly is: 'deleting' };

/**
 * Compares what is wanted with what Azure answers.
 *
 * `accepted` is what Azure is known to have accepted last. Without `settled` it was accepted just now, and this answer
 * is the baseline: where Azure normalised a value, its own value is settled. Later, what moves away from that baseline
 * is drift. `before`: what was accepted before that, to tell which corrections Azure did not take.
 */
export function compare(input: {
  readonly shape: Pick<Shape, 'differences'>;
  readonly wanted: Pick<Wanted, 'payload' | 'applied'>;
  readonly answer: JsonObject | undefined;
  readonly accepted: Applied | undefined;
  readonly before?: Applied | undefined;
  readonly digestOf: (value: unknown) => string;
}): Verdict {
  const { shape, wanted, answer, accepted, before, digestOf } = input;
  const isWanted = accepted?.digest === wanted.applied.digest && accepted.apiVersion === wanted.applied.apiVersion;
  switch (azureStateOf(answer)) {
    case 'absent':
      return { is: 'send', why: 'absent', paths: [] };
    case 'deleting':
      return { is: 'deleting' };
    case 'busy':
      return { is: 'join' };
    case 'failed':
      return isWanted && accepted.settled === undefined ? { is: 'rejected' } : { is: 'send', why: 'failed', paths: [] };
    case 'rest':
      break;
  }
  if (!isWanted) return { is: 'send', why: 'changed', paths: [] };
  const differences = shape.differences(wanted.payload, answer ?? {});
  if (accepted.settled === undefined) {
    const settled = baselineOf(differences, digestOf);
    return { is: 'accepted', applied: { ...wanted.applied, settled }, kept: keptIn(settled, wanted, before) };
  }
  const drift = driftFrom(accepted.settled, differences, digestOf).map(({ path }) => path);
  if (drift.length > 0) return { is: 'send', why: 'drift', paths: drift };
  return { is: 'accepted', applied: { ...wanted.applied, settled: accepted.settled }, kept: [] };
}

/** The same payload was accepted before, so it was sent again to correct these, and Azure did not take them. */
function keptIn(
  settled: Readonly<Record<string, string>>,
  wanted: Pick<Wanted, 'applied'>,
  before: Applied | undefined,
): string[] {
  if (before?.digest !== wanted.applied.digest || before.settled === undefined) return [];
  const known = before.settled;
  return Object.keys(settled).filter((path) => settled[path] !== known[path]);
}
