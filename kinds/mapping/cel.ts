import { Environment } from '@marcbachmann/cel-js';
import type { Json, JsonObject } from '../contract.ts';
import { parseResourceId } from './resource-id.ts';

/**
 * The variables of an expression: `self` is the custom resource; `secret` holds the secrets of its kind by name, where
 * the expression may read them.
 */
export interface CelInput {
  readonly self: Json;
  readonly secret?: Readonly<Record<string, string>>;
}

/**
 * Evaluates a CEL expression to a string or a map of strings.
 * @throws Error that says what is wrong with the expression; it contains no value
 */
export function evaluateCel(expression: string, { self, secret }: CelInput): string | Record<string, string> {
  const environment = environmentWith({ secret: secret !== undefined });
  const value = run(environment, expression, { self: celValue(self), ...(secret === undefined ? {} : { secret }) });
  if (typeof value === 'string') return value;
  const entries = entriesOf(value);
  if (entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string'))
    return Object.fromEntries(entries);
  throw new Error('it must give a string, or a map of strings');
}

function run(environment: Environment, expression: string, context: Record<string, unknown>): unknown {
  try {
    return environment.evaluate(expression, context) as unknown;
  } catch (error) {
    throw new Error(safeMessage(error, expression), { cause: error });
  }
}

/**
 * The message of the evaluator. The part after a colon may be a value, and so a secret (`No such key: ...`); it is
 * dropped unless it stands in the expression itself.
 */
function safeMessage(error: unknown, expression: string): string {
  const [line = ''] = error instanceof Error ? error.message.split('\n') : [];
  const [what = '', ...rest] = line.split(': ');
  const detail = rest.join(': ');
  const isOpen = detail === '' || expression.includes(detail) || detail === 'EOF';
  return isOpen ? line : what;
}

function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (value instanceof Map) return [...value].map(([key, item]) => [String(key), item]);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? Object.entries(value) : undefined;
}

/** What an expression may use: `self`, the functions of ASO, and `secret` where it may read secrets. */
export function environmentWith({ secret }: { secret: boolean }): Environment {
  const environment = baseEnvironment().registerVariable('self', 'map');
  return secret ? environment.registerVariable('secret', 'map') : environment;
}

/** What ASO adds to CEL: `aso.parseResourceId(id)`. */
class Aso {}

/** The functions of ASO, and those of the strings library that Kubernetes and ASO have and the evaluator lacks. */
function baseEnvironment(): Environment {
  return new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      text.replaceAll(from, () => to),
    )
    .registerType('Aso', Aso)
    .registerConstant('aso', 'Aso', new Aso())
    .registerFunction('Aso.parseResourceId(string): map', (_aso: Aso, id: string): JsonObject => parseResourceId(id))
    .registerFunction('string.format(list): string', (text: string, values: unknown[]) => format(text, values));
}

function format(text: string, values: readonly unknown[]): string {
  let index = 0;
  return text.replace(/%[sd%]/g, (mark) => {
    if (mark === '%%') return '%';
    const value = values[index++];
    if (value === undefined) throw new Error('format: there are more marks than values');
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  });
}

/** Whole numbers must be ints in CEL: a double is printed and compared differently. */
function celValue(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, celValue(item)]));
}
