import type { Json } from '../contract.ts';

/**
 * Whether two values are the same although Azure spells them differently: ids and enum values in another case, 20 as
 * "20", true as "True". Without this check the operator would see drift that it could never correct.
 */
export function isSpelledLike(sent: Json, got: Json): boolean {
  if (typeof sent === 'number' || typeof got === 'number')
    return isNumber(sent) && isNumber(got) && Number(sent) === Number(got);
  return isSame(trimmed(textOf(sent)), trimmed(textOf(got))) || isSameTime(textOf(sent), textOf(got));
}

/** Whether two locations are the same: `West US 2` is `westus2`. */
export function isSameLocation(sent: Json, got: Json): boolean {
  return isSame(withoutSpaces(textOf(sent)), withoutSpaces(textOf(got)));
}

/** Whether the field at this path holds a location or a list of locations. */
export function isLocation(path: string): boolean {
  return /location(name)?(\[\])?$/i.test(path);
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isNumber(value: Json): boolean {
  return (
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
  );
}

/** Whether both are the same point in time, written with other fractions of a second or in another time zone. */
function isSameTime(a: string, b: string): boolean {
  const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text);
  return isTime(a) && isTime(b) && Date.parse(a) === Date.parse(b);
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function withoutSpaces(text: string): string {
  return text.replaceAll(/\s/g, '');
}

/**
 * Without characters that Azure adds or drops: the slash at the end of an id, the space in `SystemAssigned,
 * UserAssigned`.
 */
function trimmed(text: string): string {
  return text.replace(/\/+$/, '').replaceAll(', ', ',');
}
