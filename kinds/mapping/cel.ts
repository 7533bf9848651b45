import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import type { Json } from '../contract.ts';
import { checkCost, childrenOf, sizesOf, type Sizes } from './cel-cost.ts';
import { baseEnvironment } from './cel-functions.ts';
import { CEL_LIMITS, CelLimitError, checkTextLength } from './cel-limits.ts';

/**
 * The variables of an expression: `self` is the custom resource; `secret` holds the secrets of its kind by name. It is
 * absent if the expression must not read secrets.
 */
export interface CelInput {
  readonly self: CelSelf;
  readonly secret?: Readonly<Record<string, string>>;
}

/** `self` as CEL values, made once for all expressions of a resource. */
export interface CelSelf {
  readonly value: unknown;
  readonly sizes: Sizes;
}

export type CelResult = string | Record<string, string>;

/**
 * The CEL environments: what an expression may use. To make them takes longer than most evaluations.
 *
 * Expressions are the text of users. Only the threads of `activities/expressions/` evaluate and check them: an
 * expression can take long and build large values in spite of all limits here.
 */
export class Cel {
  readonly #base = baseEnvironment({ maxAstNodes: CEL_LIMITS.nodes, maxDepth: CEL_LIMITS.depth });
  readonly #withoutSecret = this.#base.clone().registerVariable('self', 'map');
  readonly #withSecret = this.#base.clone().registerVariable('self', 'map').registerVariable('secret', 'map');

  /** `self`, the functions of ASO, and `secret` if the expression may read secrets. */
  environment({ secret }: { secret: boolean }): Environment {
    return secret ? this.#withSecret : this.#withoutSecret;
  }

  /**
   * Evaluates a CEL expression to a string or a map of strings.
   * @throws CelLimitError when the expression costs too much
   * @throws Error that says what is wrong with the expression; the message contains no value.
   */
  evaluate(expression: string, { self, secret }: CelInput): CelResult {
    checkExpressionLength(expression);
    const environment = this.environment({ secret: secret !== undefined });
    const variables = { self: self.value, ...(secret !== undefined && { secret: new Map(Object.entries(secret)) }) };
    const value = run(expression, () => {
      const program = environment.parse(expression);
      checkLiterals(program.ast);
      checkCost(program.ast, secret === undefined ? self.sizes : larger(self.sizes, sizesOf(secret)));
      return program(variables) as unknown;
    });
    return textsOf(value);
  }
}

/** A custom resource as the variable `self`. */
export function celSelf(value: Json): CelSelf {
  return { value: celValue(value), sizes: sizesOf(value) };
}

/** @throws CelLimitError */
export function checkExpressionLength(expression: string): void {
  if (expression.length > CEL_LIMITS.length)
    throw new CelLimitError(
      `the expression has ${String(expression.length)} characters, and may have ${String(CEL_LIMITS.length)}: shorten it`,
    );
}

/**
 * The evaluator drops entries with these keys from a map that is written out, because they are dangerous in JavaScript.
 * @throws CelLimitError
 */
export function checkLiterals(node: ASTNode): void {
  if (node.op === 'map') {
    const dropped = node.args.find(([key]) => key.op === 'value' && DROPPED_KEYS.has(key.args));
    if (dropped)
      throw new CelLimitError(`the key "${String(dropped[0].args)}" cannot be written in a map: use another key`);
  }
  childrenOf(node).forEach(checkLiterals);
}

const DROPPED_KEYS: ReadonlySet<unknown> = new Set(['__proto__', 'constructor', 'prototype']);

function larger(a: Sizes, b: Sizes): Sizes {
  return { items: Math.max(a.items, b.items), text: Math.max(a.text, b.text) };
}

function run<T>(expression: string, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof CelLimitError) throw error;
    throw new Error(safeMessage(error, expression), { cause: error });
  }
}

/**
 * The message of the evaluator. The part after a colon may be a value and therefore a secret (`No such key: ...`), so
 * it is dropped unless it is part of the expression itself.
 */
function safeMessage(error: unknown, expression: string): string {
  const [line = ''] = error instanceof Error ? error.message.split('\n') : [];
  const [what = '', ...rest] = line.split(': ');
  const detail = rest.join(': ');
  const isSafe = detail === '' || expression.includes(detail) || detail === 'EOF';
  return isSafe ? line : what;
}

function textsOf(value: unknown): CelResult {
  if (typeof value === 'string') {
    checkTextLength(value.length);
    return value;
  }
  const entries = entriesOf(value);
  if (!entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string'))
    throw new Error('the expression must return a string or a map of strings');
  checkTextLength(entries.reduce((length, [key, text]) => length + key.length + text.length, 0));
  return Object.fromEntries(entries);
}

function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (value instanceof Map) return [...value].map(([key, item]) => [String(key), item]);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? Object.entries(value) : undefined;
}

/**
 * Whole numbers must be ints in CEL: a double is printed and compared differently. An object must be a Map: a member
 * with the name `constructor` would hide the type of any other.
 */
function celValue(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, item]) => [key, celValue(item)]));
}
