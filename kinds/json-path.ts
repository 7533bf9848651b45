import type { Json } from './contract.ts';
import { isObject } from './json.ts';

/** The steps of a path such as `a.b[2].c`. */
function stepsTo(path: string): (string | number)[] {
  return (path.match(/\[\d+\]|[^.[\]]+/g) ?? []).map((step) =>
    step.startsWith('[') ? Number(step.slice(1, -1)) : step,
  );
}

/** The value at a path; undefined where there is none. */
export function valueAt(value: Json | undefined, path: string): Json | undefined {
  return stepsTo(path).reduce<Json | undefined>(next, value);
}

/** A copy with `put` at a path, or without the value there if `put` is undefined. Missing parents are created. */
export function withValueAt(value: Json | undefined, path: string, put: Json | undefined): Json {
  return changed(value, stepsTo(path), put) ?? {};
}

function next(at: Json | undefined, step: string | number): Json | undefined {
  if (typeof step === 'number') return Array.isArray(at) ? at[step] : undefined;
  return isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
}

function changed(
  value: Json | undefined,
  steps: readonly (string | number)[],
  put: Json | undefined,
): Json | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return put;
  const inner = next(value, step);
  if (put === undefined && inner === undefined) return value;
  const replaced = changed(inner, rest, put);
  if (typeof step === 'number') {
    const items = Array.isArray(value) ? [...value] : [];
    items[step] = replaced ?? null;
    return items;
  }
  const { [step]: _, ...others } = isObject(value) ? value : {};
  return replaced === undefined ? others : { ...others, [step]: replaced };
}
