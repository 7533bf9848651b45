import { EvaluationError, ParseError, TypeError as CelTypeError, type Environment } from '@marcbachmann/cel-js';
import { environmentWith } from './cel.ts';

/** What can be said of an expression before there are values for it. */
export type CelVerdict =
  /** `gives`: where only a run can tell, `unknown`. */
  { readonly gives: 'string' | 'map' | 'other' | 'unknown' } | { readonly fault: string };

/**
 * Whether an expression can be evaluated at all. `fault` says where and what: it does not parse, or it uses what there is not. `secret`: whether it may read
 * the kind's secrets. No value is needed, so none can be in the fault.
 */
export function checkCel(expression: string, { secret }: { secret: boolean }): CelVerdict {
  const environment = environmentWith({ secret });
  const { error, type } = environment.check(expression);
  if (error === undefined) return { gives: kindOf(type) };
  // The check is stricter than a run, which takes a conditional of two types for example. Only what fails in both is a fault: without values a run ends
  // early, yet not before it has met what is wrong with the expression itself.
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
