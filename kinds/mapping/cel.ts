import { Environment } from '@marcbachmann/cel-js';
import type { Json, JsonObject } from '../contract.ts';
import { parseResourceId } from './resource-id.ts';

/** What an expression sees: `self` is the custom resource, `secret` its kind's secrets by name, where it may see them. */
export interface CelInput {
  readonly self: Json;
  readonly secret?: Readonly<Record<string, string>>;
}

/**
 * The value of a CEL expression: a text, or a map of texts.
 * @throws Error that says what is wrong with the expression; no value is in it
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
    throw new Error(saying(error, expression), { cause: error });
  }
}

/**
 * The evaluator's own words. What it says after a colon may be a value, and that a secret one (`No such key: ...`), unless it stands in the expression
 * itself.
 */
function saying(error: unknown, expression: string): string {
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

/** What an expression may use: `self`, ASO's functions, and `secret` where it may see secrets. */
export function environmentWith({ secret }: { secret: boolean }): Environment {
  const environment = baseEnvironment().registerVariable('self', 'map');
  return secret ? environment.registerVariable('secret', 'map') : environment;
}

/** What ASO adds to CEL: `aso.parseResourceId(id)`. */
class Aso {}

/** ASO's own functions, and those of the strings library that Kubernetes and ASO offer where the evaluator lacks them. */
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
    return typeof value === 'object' ? JSON.stringify(value) : String(value as string | bigint | number | boolean);
  });
}

/** Whole numbers are ints in CEL, and a double would be written and compared otherwise. */
function celValue(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, celValue(item)]));
}
