import type { Json } from '../contract.ts';

/** Azure spells as it likes: ids, enum values, `utf8` as `UTF8`, 20 as "20", true as "True"; a PUT for that would be repeated for ever. */
export function isSpelledLike(sent: Json, got: Json): boolean {
  if (typeof sent === 'number' || typeof got === 'number')
    return isNumber(sent) && isNumber(got) && Number(sent) === Number(got);
  return isSame(trimmed(textOf(sent)), trimmed(textOf(got))) || isSameTime(textOf(sent), textOf(got));
}

/** `West US 2` is `westus2`. */
export function isSameLocation(sent: Json, got: Json): boolean {
  return isSame(squeezed(textOf(sent)), squeezed(textOf(got)));
}

/** Whether a field of that name holds a location, or locations. */
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

/** The same moment, with another fraction or zone. */
function isSameTime(a: string, b: string): boolean {
  const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text);
  return isTime(a) && isTime(b) && Date.parse(a) === Date.parse(b);
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function squeezed(text: string): string {
  return text.replaceAll(/\s/g, '');
}

/** Without what does not matter: a slash at the end of an id, the blank in `SystemAssigned, UserAssigned`. */
function trimmed(text: string): string {
  return text.replace(/\/+$/, '').replaceAll(', ', ',');
}
