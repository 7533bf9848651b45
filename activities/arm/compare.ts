import type { Applied } from '../../contract/stored-state.ts';
import type { JsonObject, Shape } from '../../kinds/contract.ts';
import { baselineOf, driftFrom } from '../../kinds/mapping/baseline.ts';
import { azureStateOf } from './azure-state.ts';
import type { DesiredState } from './payload.ts';

/** What to do after a comparison with Azure. */
export type Comparison =
  /**
   * Azure has the desired state. `applied` is to be stored. `kept`: paths at which Azure did not accept a correction.
   */
  | { readonly type: 'accepted'; readonly applied: Applied; readonly kept: readonly string[] }
  | {
      readonly type: 'send';
      readonly why: 'absent' | 'changed' | 'drift' | 'failed';
      readonly paths: readonly string[];
    }
  /** Azure accepted exactly this payload, and then failed to provision it. */
  | { readonly type: 'rejected' }
  /** An operation is running: follow it. */
  | { readonly type: 'join' }
  | { readonly type: 'deleting' };

/**
 * Compares the desired state with the answer of Azure.
 *
 * `accepted` is the payload that Azure is known to have accepted last. If it has no baseline (`settled`) yet, Azure has
 * accepted it just now, and this answer becomes the baseline, with all values that Azure normalised. Later, whatever
 * differs from the baseline is drift. `before`: what was accepted before `accepted`, to find the corrections that Azure
 * did not accept.
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
    const baseline = baselineOf(differences, digestOf);
    const kept = keptValues(baseline, desired, before);
    return { type: 'accepted', applied: { ...desired.applied, settled: baseline }, kept };
  }
  const drift = driftFrom(accepted.settled, differences, digestOf).map(({ path }) => path);
  if (drift.length > 0) return { type: 'send', why: 'drift', paths: drift };
  return { type: 'accepted', applied: { ...desired.applied, settled: accepted.settled }, kept: [] };
}

/**
 * The paths at which Azure keeps its own values. If Azure had accepted the same payload before, the payload was sent
 * again to correct drift; where the answer still differs from the old baseline, Azure did not accept the correction.
 */
function keptValues(
  baseline: Readonly<Record<string, string>>,
  desired: Pick<DesiredState, 'applied'>,
  before: Applied | undefined,
): string[] {
  if (before?.digest !== desired.applied.digest || before.settled === undefined) return [];
  const previous = before.settled;
  return Object.keys(baseline).filter((path) => baseline[path] !== previous[path]);
}
