import { Environment } from '@marcbachmann/cel-js';
import type { Duration } from '@marcbachmann/cel-js/evaluator';
import { RE2JS } from 're2js';
import { parseResourceId } from '../arm-id.ts';
import { checkListLength, checkTextLength } from './cel-limits.ts';
import * as text from './cel-text.ts';

/** What ASO adds to CEL: `aso.parseResourceId(id)`. */
class Aso {}

/**
 * The functions of ASO, and those of the standard and strings libraries as cel-go has them. `matches` has RE2's syntax
 * and takes linear time; whatever can build a long text or list is limited.
 */
export function baseEnvironment(limits: { readonly maxAstNodes: number; readonly maxDepth: number }): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits });
  const sync = { async: false };
  for (const [signature, handler] of ADDED) environment.registerFunction(signature, handler, sync);
  environment
    .registerType('Aso', Aso)
    .registerConstant('aso', 'Aso', new Aso())
    .registerFunction('Aso.parseResourceId(string): map', (_aso: Aso, id: string) => parseResourceId(id), sync)
    // Gives the environment its own table of operators: the one of the library is shared by all environments.
    .registerOperator('Aso == Aso', (a: Aso, b: Aso) => a === b);
  for (const [signature, call, handler] of REPLACED) replaceFunction(environment, { signature, call, handler });
  return environment;
}

type Handler = (...values: never[]) => unknown;

/** What the evaluator lacks. */
const ADDED: readonly (readonly [signature: string, handler: Handler])[] = [
  ['string.replace(string, string): string', text.replace],
  ['string.replace(string, string, int): string', text.replace],
  ['string.format(list): string', text.format],
  ['string.charAt(int): string', text.charAt],
  ['string.reverse(): string', text.reverse],
  ['string(google.protobuf.Timestamp): string', timestampText],
  ['string(google.protobuf.Duration): string', (value: Duration) => value.toString()],
];

/**
 * What the evaluator does differently from cel-go, or without a limit. `call` is an expression whose root calls the
 * function, but not this overload: the library keeps the overload that it has found.
 */
const REPLACED: readonly (readonly [signature: string, call: string, handler: Handler])[] = [
  ['string.matches(string): bool', '"".matches("")', matches],
  ['string.split(string): list<string>', '"".split("")', text.split],
  ['string.split(string, int): list<string>', '"".split("", 1)', text.split],
  ['list<string>.join(): string', '[""].join()', text.join],
  ['list<string>.join(string): string', '[""].join("")', text.join],
  ['string.substring(int): string', '"".substring(1)', text.substring],
  ['string.substring(int, int): string', '"".substring(1, 1)', text.substring],
  ['string.indexOf(string): int', '"".indexOf("")', text.indexOf],
  ['string.indexOf(string, int): int', '"".indexOf("", 1)', text.indexOf],
  ['string.lastIndexOf(string): int', '"".lastIndexOf("")', text.lastIndexOf],
  ['string.lastIndexOf(string, int): int', '"".lastIndexOf("", 1)', text.lastIndexOf],
  ['string.lowerAscii(): string', '"".lowerAscii()', text.lowerAscii],
  ['string.upperAscii(): string', '"".upperAscii()', text.upperAscii],
  ['string(double): string', 'string(1)', text.doubleText],
  ['int(string): int', 'int(1)', intOf],
  ['double(string): double', 'double(1)', doubleOf],
  ['timestamp(string): google.protobuf.Timestamp', 'timestamp("")', timestampOf],
  ['google.protobuf.Timestamp.getDayOfYear(): int', 'timestamp(0).getDayOfYear()', dayOfYear],
  ['string + string: string', '0.5 + 0.5', text.concat],
  ['list<V> + list<V>: list<V>', '0.5 + 0.5', concatLists],
  ['bytes + bytes: bytes', '0.5 + 0.5', concatBytes],
  ['-_int: int', '-self.x', negated],
];

/** A function or operator as the evaluator keeps it. */
interface Declaration {
  readonly signature: string;
  readonly handler: unknown;
}

/**
 * Replaces the code of one overload. The library refuses a second overload with the same types, so this changes its
 * table. It keeps the type, so the static checker knows the function as before.
 * @throws Error when the library has no such overload: another version of it is installed
 */
function replaceFunction(
  environment: Environment,
  { signature, call, handler }: { signature: string; call: string; handler: Handler },
): void {
  const scratch = environment.clone().registerVariable('self', 'dyn');
  const program = scratch.parse(call);
  program.check();
  const { candidates } = program.ast as unknown as { candidates?: { declarations: Declaration[] } };
  const index = candidates?.declarations.findIndex((declaration) => declaration.signature === signature) ?? -1;
  const found = candidates?.declarations[index];
  if (candidates === undefined || found === undefined)
    throw new Error(
      `the CEL library has no overload "${signature}": adapt kinds/mapping/cel-functions.ts to its version`,
    );
  candidates.declarations[index] = Object.create(found, { handler: { value: handler } }) as Declaration;
}

function matches(value: string, pattern: string): boolean {
  return RE2JS.compile(pattern).test(value);
}

function intOf(value: string): bigint {
  const whole = /^[+-]?\d{1,19}$/.test(value) ? BigInt(value.replace('+', '')) : undefined;
  if (whole === undefined || BigInt.asIntN(64, whole) !== whole) throw new Error('int() cannot convert the text');
  return whole;
}

function doubleOf(value: string): number {
  const isNamed = /^(?:[+-]?inf(?:inity)?|nan)$/i.test(value);
  const number = isNamed ? Number(value.toLowerCase().replace(/inf(?:inity)?/, 'Infinity')) : Number(value);
  const isNumber = value !== '' && value === value.trim() && Number.isFinite(number);
  if (!isNamed && !isNumber) throw new Error('double() cannot convert the text');
  return number;
}

function negated(value: bigint): bigint {
  if (BigInt.asIntN(64, -value) !== -value) throw new Error('integer overflow');
  return -value;
}

/** RFC 3339 only; `Date` reads much more. */
function timestampOf(value: string): Date {
  const isRfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(value);
  const date = new Date(isRfc3339 ? value : Number.NaN);
  if (Number.isNaN(date.getTime())) throw new Error('timestamp() requires a text such as 2026-01-31T12:00:00Z');
  return date;
}

function timestampText(value: Date): string {
  return value.toISOString().replace(/\.?0*Z$/, 'Z');
}

function dayOfYear(value: Date): bigint {
  return BigInt(Math.floor((value.getTime() - Date.UTC(value.getUTCFullYear(), 0, 1)) / 86_400_000));
}

function concatLists(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  checkListLength(a.length + b.length);
  return [...a, ...b];
}

function concatBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  checkTextLength(a.length + b.length);
  return Buffer.concat([a, b]);
}
