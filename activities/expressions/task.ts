import type { SpecProblem } from '../../kinds/contract.ts';
import type { CelResult } from '../../kinds/mapping/cel.ts';

/**
 * What the worker and a thread say to each other. Objects pass as JSON: to copy a text costs the worker's event loop
 * much less than to copy an object.
 */
export type Task =
  | { readonly type: 'problems'; readonly operatorSpec: string }
  | { readonly type: 'evaluate'; readonly self: string; readonly items: readonly ExpressionItem[] };

/** One expression. `secret`: the secrets that it may read; undefined: none. */
export interface ExpressionItem {
  /** Where it is in `operatorSpec`; for messages. */
  readonly field: string;
  readonly expression: string;
  readonly secret?: Readonly<Record<string, string>>;
}

export type Reply =
  | { readonly type: 'ready' }
  /** The expression of this field is next. */
  | { readonly type: 'next'; readonly field: string }
  | { readonly type: 'problems'; readonly problems: readonly SpecProblem[] }
  /** In the order of the items. */
  | { readonly type: 'results'; readonly results: readonly CelResult[] }
  /** `limit`: a limit was exceeded. The message contains no value. */
  | { readonly type: 'failed'; readonly field: string; readonly message: string; readonly limit: boolean };
