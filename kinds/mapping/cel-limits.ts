/**
 * The limits of an expression. They hold before (`cel-cost.ts`) and during (`cel-functions.ts`) the evaluation; the
 * thread that evaluates it has limits of time and memory besides (`activities/expressions/`).
 */
export const CEL_LIMITS = {
  /** Characters of an expression. */
  length: 10_000,
  /** How deep an expression may be nested. */
  depth: 50,
  /** Parts of an expression. */
  nodes: 5_000,
  /** Expressions of a resource, those for annotations and labels included. */
  expressions: 200,
  /** What an evaluation may cost (`cel-cost.ts`). */
  cost: 1_000_000,
  /** Characters of a text that an expression builds: a Secret or ConfigMap has at most 1 MiB. */
  text: 1_000_000,
  /** Items of a list that an expression builds. */
  items: 100_000,
  /** Characters of `self` as JSON. */
  self: 4_000_000,
} as const;

/** An expression exceeds a limit. The message contains no value. */
export class CelLimitError extends Error {
  override readonly name = 'CelLimitError';
}

/** @throws CelLimitError */
export function checkTextLength(length: number): void {
  if (length > CEL_LIMITS.text)
    throw new CelLimitError(
      `the expression builds a text of more than ${String(CEL_LIMITS.text)} characters: build less, for example a part of the text with substring()`,
    );
}

/** @throws CelLimitError */
export function checkListLength(length: number): void {
  if (length > CEL_LIMITS.items)
    throw new CelLimitError(
      `the expression builds a list of more than ${String(CEL_LIMITS.items)} items: filter the list before`,
    );
}
