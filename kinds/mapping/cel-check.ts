import { EvaluationError, ParseError, TypeError as CelTypeError, type Environment } from '@marcbachmann/cel-js';
import { environmentWith } from './cel.ts';

/** What is known of an expression before there are values for it. */
export type CelCheck =
  /** `gives`: the type of the result; `unknown` where only an evaluation can tell. */
  { readonly gives: 'string' | 'map' | 'other' | 'unknown' } | { readonly fault: string };

/**
 * Checks whether an expression can be evaluated at all. `fault` gives the position and the reason: it does not parse,
 * or it uses a variable or function that does not exist. `secret`: whether it may read the secrets of the kind. No
 * values are needed, so the fault cannot contain one.
 */
export function checkCel(expression: string, { secret }: { secret: boolean }): CelCheck {
  const environment = environmentWith({ secret });
  const { error, type } = environment.check(expression);
  if (error === undefined) return { gives: kindOf(type) };
  // The check is stricter than an evaluation: it refuses a conditional of two types, for example. So only what fails in
  // both is a fault. An evaluation without values ends early, but not before it has met a fault in the expression
  // itself.
  const isFault = error instanceof ParseError || codeOfRun(environment, expression, secret) === error.code;
  if (!isFault) return { gives: 'unknown' };
  return { fault: `${positionOf(expression, error.range?.start ?? 0)}: ${error.summary}` };
}

function codeOfRun(environment: Environment, expression: string, secret: boolean): string | undefined {
  try {
    environment.evaluate(expression, { self: {}, ...(secret ? { secret: {} } : {}) });
    return undefined;
  } catch (error) {
    return error instanceof EvaluationError || error instanceof CelTypeError ? error.code : undefined;
  }
}

function positionOf(expression: string, offset: number): string {
  const lines = expression.slice(0, offset).split('\n');
  return `line ${String(lines.length)}, column ${String((lines.at(-1)?.length ?? 0) + 1)}`;
}

const NO_TEXT = /^(int|uint|double|bool|bytes|list|null)\b/;

/** @param type as the checker writes it: `string`, `map<string, dyn>` */
function kindOf(type: string | undefined): 'string' | 'map' | 'other' | 'unknown' {
  if (type === 'string') return 'string';
  if (type === undefined) return 'unknown';
  const values = /^map(?:<[^,]+, (.+)>)?$/.exec(type);
  if (values) return NO_TEXT.test(values[1] ?? '') ? 'other' : 'map';
  return NO_TEXT.test(type) ? 'other' : 'unknown';
}
