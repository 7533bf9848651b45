import type { Applied } from '../../contract/stored-state.ts';
import type { JsonObject, Shape } from '../../kinds/contract.ts';
import { baselineOf, driftFrom } from '../../kinds/mapping/baseline.ts';
import { azureStateOf } from './azure-state.ts';
import type { DesiredState } from './payload.ts';

/** What a comparison with Azure says is to be done. */
export type Comparison =
  /** Azure has it. `applied` is what is known of it from now on. */
  | { readonly type: 'accepted'; readonly applied: Applied; readonly kept: readonly string[] }
  | {
      readonly type: 'send';
      readonly why: 'absent' | 'changed' | 'drift' | 'failed';
      readonly paths: readonly string[];
    }
  /** Azure has accepted exactly this, and holds the resource as failed. */
  | { readonly type: 'rejected' }
  | { readonly type: 'join' }
  | { readonly type: 'deleting' };

/**
 * Compares what is desired with what Azure answers.
 *
 * `accepted` is what Azure is known to have accepted last. Without `settled` it was accepted just now, and this answer
 * is the baseline: where Azure normalised a value, its own value is settled. Later, what moves away from that baseline
 * is drift. `before`: what was accepted before that, to tell which corrections Azure did not take.
 */
export function compare(input: {
  readonly shape: Pick<Shape, 'differences'>;
  readonly desired: Pick<DesiredState, 'payload' | 'applied'>;
  readonly answer: JsonObject | undefined;
  readonly accepted: Applied | undefined;
  readonly before?: Applied | undefined;
  readonly digestOf: (value: unknown) => string;
}): Comparison {
  const { shape, desired, answer, accepted, before, digestOf } = input;
  const isDesired = accepted?.digest === desired.applied.digest && accepted.apiVersion === desired.applied.apiVersion;
  switch (azureStateOf(answer)) {
    case 'absent':
      return { type: 'send', why: 'absent', paths: [] };
    case 'deleting':
      return { type: 'deleting' };
    case 'busy':
      return { type: 'join' };
    case 'failed':
      return isDesired && accepted.settled === undefined
        ? { type: 'rejected' }
        : { type: 'send', why: 'failed', paths: [] };
    case 'rest':
      break;
  }
  if (!isDesired) return { type: 'send', why: 'changed', paths: [] };
  const differences = shape.differences(desired.payload, answer ?? {});
  if (accepted.settled === undefined) {
    const settled = baselineOf(differences, digestOf);
    return { type: 'accepted', applied: { ...desired.applied, settled }, kept: keptIn(settled, desired, before) };
  }
  const drift = driftFrom(accepted.settled, differences, digestOf).map(({ path }) => path);
  if (drift.length > 0) return { type: 'send', why: 'drift', paths: drift };
  return { type: 'accepted', applied: { ...desired.applied, settled: accepted.settled }, kept: [] };
}

/** The same payload was accepted before, so it was sent again to correct these, and Azure did not take them. */
function keptIn(
  settled: Readonly<Record<string, string>>,
  desired: Pick<DesiredState, 'applied'>,
  before: Applied | undefined,
): string[] {
  if (before?.digest !== desired.applied.digest || before.settled === undefined) return [];
  const known = before.settled;
  return Object.keys(settled).filter((path) => settled[path] !== known[path]);
}
