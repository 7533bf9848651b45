import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { checkListLength, checkTextLength } from './cel-limits.ts';

/**
 * The functions on texts of cel-go's strings library. They count code points, where JavaScript counts UTF-16 units, and
 * refuse to build a text or list that is too long before they build it.
 */

/** A text as code points; the text itself where both are the same. */
function pointsOf(text: string): readonly string[] | string {
  return /^[\0-\uD7FF\uE000-\uFFFF]*$/.test(text) ? text : codePoints(text);
}

function codePoints(text: string): string[] {
  return Array.from(text);
}

function textOf(points: readonly string[] | string): string {
  return typeof points === 'string' ? points : points.join('');
}

export function substring(text: string, start: bigint, end?: bigint): string {
  const points = pointsOf(text);
  const to = end === undefined ? points.length : Number(end);
  const from = Number(start);
  if (from < 0 || to > points.length || from > to) throw new Error('substring is out of range');
  return textOf(points.slice(from, to));
}

export function charAt(text: string, at: bigint): string {
  const points = pointsOf(text);
  const index = Number(at);
  if (index < 0 || index > points.length) throw new Error('charAt is out of range');
  return points[index] ?? '';
}

export function indexOf(text: string, wanted: string, from = 0n): bigint {
  const points = pointsOf(text);
  if (from < 0 || from > points.length) throw new Error('indexOf is out of range');
  const before = textOf(points.slice(0, Number(from))).length;
  return pointIndex(text, text.indexOf(wanted, before));
}

export function lastIndexOf(text: string, wanted: string, from?: bigint): bigint {
  const points = pointsOf(text);
  if (from !== undefined && (from < 0 || from > points.length)) throw new Error('lastIndexOf is out of range');
  const before = from === undefined ? text.length : textOf(points.slice(0, Number(from))).length;
  return pointIndex(text, text.lastIndexOf(wanted, before));
}

function pointIndex(text: string, unit: number): bigint {
  return BigInt(unit < 0 ? -1 : pointsOf(text.slice(0, unit)).length);
}

export function reverse(text: string): string {
  return codePoints(text).reverse().join('');
}

export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function upperAscii(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** @param most the number of replacements; negative: all */
export function replace(text: string, from: string, to: string, most = -1n): string {
  const limit = most < 0 ? Number.POSITIVE_INFINITY : Number(most);
  const [first = '', ...parts] = pieces(text, from);
  const count = Math.min(parts.length, limit);
  checkTextLength(text.length + count * (to.length - from.length));
  return parts.reduce((done, part, index) => done + (index < count ? to : from) + part, first);
}

/** @param most the number of items; negative: all */
export function split(text: string, separator: string, most = -1n): string[] {
  if (most === 0n) return [];
  const parts = separator === '' ? codePoints(text) : text.split(separator);
  checkListLength(parts.length);
  if (most < 0 || BigInt(parts.length) <= most) return parts;
  const count = Number(most);
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

/** `split` for replacements: an empty text occurs before each character and at the end. */
function pieces(text: string, separator: string): string[] {
  return separator === '' ? ['', ...codePoints(text), ''] : text.split(separator);
}

export function join(items: readonly unknown[], separator = ''): string {
  let length = separator.length * items.length;
  for (const item of items) {
    if (typeof item !== 'string') throw new Error('join requires a list of strings');
    length += item.length;
  }
  checkTextLength(length);
  return items.join(separator);
}

export function concat(a: string, b: string): string {
  checkTextLength(a.length + b.length);
  return a + b;
}

/** A double as Go prints it: shortest, with an exponent below 1e-4 and from 1e6 up (digits permitting). */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [digits = '0', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (value === 0 || (power >= -4 && power < GO_EXPONENT_FROM)) return value.toString();
  const sign = power < 0 ? '-' : '+';
  return `${digits}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
}

const GO_EXPONENT_FROM = 6;

/** `%s`, `%d`, `%f`, `%.2f`, `%x`, `%X`, `%b`, `%o` and `%%`, as in cel-go. */
export function format(text: string, values: readonly unknown[]): string {
  let index = 0;
  let length = 0;
  return text.replace(/%(?:\.(\d{1,2}))?([a-zA-Z%])/g, (_, digits: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (index >= values.length) throw new Error('format has more placeholders than values');
    const shown = formatted(verb, digits, values[index++]);
    length += shown.length;
    checkTextLength(text.length + length);
    return shown;
  });
}

const BASES: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 };

function formatted(verb: string, digits: string | undefined, value: unknown): string {
  if (verb === 's') return typeof value === 'string' ? value : shownIn(value);
  const whole = value instanceof UnsignedInt ? value.value : value;
  if (verb === 'f' && (typeof whole === 'number' || typeof whole === 'bigint'))
    return Number(whole).toFixed(digits === undefined ? 6 : Number(digits));
  if (verb === 'd' && (typeof whole === 'number' || typeof whole === 'bigint')) return String(whole);
  const base = Object.hasOwn(BASES, verb) ? BASES[verb] : undefined;
  if (base === undefined || typeof whole !== 'bigint') throw new Error(`format cannot write a value with %${verb}`);
  const text = whole.toString(base);
  return verb === 'X' ? text.toUpperCase() : text;
}

/** A value as cel-go's `%s` shows it inside of a list or map. */
function shownIn(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value.toFixed(6) : doubleText(value);
  if (Array.isArray(value)) return joined('[', value.map(shownIn), ', ', ']');
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) {
    const members = [...value].map(([name, item]) => `${shownIn(name)}:${shownIn(item)}`);
    return joined('{', members.sort(), ', ', '}');
  }
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return shownIn(new Map(Object.entries(value)));
  return String(value);
}

function joined(open: string, items: readonly string[], separator: string, close: string): string {
  return open + join(items, separator) + close;
}
