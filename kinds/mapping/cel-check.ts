import {
  EvaluationError,
  ParseError,
  TypeError as CelTypeError,
  type Environment,
  type TypeCheckResult,
} from '@marcbachmann/cel-js';
import { ASSUMED_SIZES, checkCost } from './cel-cost.ts';
import { CelLimitError } from './cel-limits.ts';
import { checkExpressionLength, checkLiterals, type Cel } from './cel.ts';

/** What is known about an expression before there are values to evaluate it with. */
export type CelCheck =
  /** The type of the result; `unknown` if only an evaluation can determine it. */
  | { readonly resultType: ResultType }
  /** Why the expression can never be evaluated. */
  | { readonly problem: string }
  /** Which limit it exceeds, and what to do. */
  | { readonly limit: string };

type ResultType = 'string' | 'map' | 'other' | 'unknown';

/**
 * Checks whether an expression can be evaluated at all. `problem` gives the position and the reason: the expression
 * does not parse, or it uses a variable or function that does not exist. `secret`: whether it may read the secrets of
 * the kind. The check needs no values, so the problem cannot contain one.
 */
export function checkCel(cel: Cel, expression: string, { secret }: { secret: boolean }): CelCheck {
  const environment = cel.environment({ secret });
  const result = limited(environment, expression);
  if ('limit' in result) return result;
  const { error, type } = result;
  if (error === undefined) return { resultType: resultTypeOf(type) };
  // The check is stricter than an evaluation: it refuses a conditional with two types, for example. So only what fails
  // in both is a problem. An evaluation without values ends early, but only after it has found any problem of the
  // expression itself.
  const isProblem = error instanceof ParseError || evaluationErrorCode(environment, expression, secret) === error.code;
  if (!isProblem) return { resultType: 'unknown' };
  return { problem: `${positionOf(expression, error.range?.start ?? 0)}: ${error.summary}` };
}

/** Checks the types of an expression that is within the limits. */
function limited(environment: Environment, expression: string): TypeCheckResult | { limit: string } {
  try {
    checkExpressionLength(expression);
    const program = environment.parse(expression);
    checkLiterals(program.ast);
    checkCost(program.ast, ASSUMED_SIZES);
    return program.check();
  } catch (error) {
    if (error instanceof CelLimitError) return { limit: error.message };
    if (error instanceof ParseError) return { valid: false, error };
    throw error;
  }
}

function evaluationErrorCode(environment: Environment, expression: string, secret: boolean): string | undefined {
  try {
    environment.evaluate(expression, { self: new Map(), ...(secret ? { secret: new Map() } : {}) });
    return undefined;
  } catch (error) {
    return error instanceof EvaluationError || error instanceof CelTypeError ? error.code : undefined;
  }
}

function positionOf(expression: string, offset: number): string {
  const lines = expression.slice(0, offset).split('\n');
  return `line ${String(lines.length)}, column ${String((lines.at(-1)?.length ?? 0) + 1)}`;
}

/** Result types, as the checker writes them, that can never be strings. */
const NOT_A_STRING = /^(int|uint|double|bool|bytes|list|null)\b/;

/** @param type as the checker writes it: `string`, `map<string, dyn>` */
function resultTypeOf(type: string | undefined): ResultType {
  if (type === 'string') return 'string';
  if (type === undefined) return 'unknown';
  const values = /^map(?:<[^,]+, (.+)>)?$/.exec(type);
  if (values) return NOT_A_STRING.test(values[1] ?? '') ? 'other' : 'map';
  return NOT_A_STRING.test(type) ? 'other' : 'unknown';
}
