import type { Condition } from './contract.ts';

/**
 * Selects the condition to keep, by ASO's rules, so that Ready does not flicker: a newer generation wins; within one
 * generation, a condition with severity Info (work in progress) replaces neither success nor a problem. A condition
 * that differs only in its time is not replaced. With `how: 'solved'`, `Reconciling` also replaces a warning whose
 * reason is in `preconditions`; use it just before the PUT. With `how: 'now'`, the next condition replaces any
 * condition of the same generation.
 */
export function mergeCondition(
  existing: Condition | undefined,
  next: Condition,
  options: { how?: 'ranked' | 'solved' | 'now'; preconditions?: readonly string[] } = {},
): Condition {
  if (!existing) return next;
  if (equalButForTime(existing, next)) return existing;
  return outranks(existing, next, options) ? next : existing;
}

function outranks(
  existing: Condition,
  next: Condition,
  { how = 'ranked', preconditions = [] }: NonNullable<Parameters<typeof mergeCondition>[2]>,
): boolean {
  const [old, fresh] = [existing.observedGeneration ?? 0, next.observedGeneration ?? 0];
  if (fresh !== old) return fresh > old;
  if (how === 'now') return true;
  if (next.status === 'Unknown') return false;
  if (next.status === 'True' || next.severity !== 'Info') return true;
  if (existing.status === 'Unknown') return true;
  if (existing.status === 'False' && existing.severity === 'Info') return true;
  return how === 'solved' && next.reason === 'Reconciling' && preconditions.includes(existing.reason);
}

function equalButForTime(a: Condition, b: Condition): boolean {
  return (
    a.type === b.type &&
    a.status === b.status &&
    a.severity === b.severity &&
    a.reason === b.reason &&
    (a.message ?? '') === (b.message ?? '') &&
    a.observedGeneration === b.observedGeneration
  );
}
