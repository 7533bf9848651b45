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

/** The limits of a path that a user writes. To fill a list up to a large index takes seconds and gigabytes. */
const LIMITS = { characters: 1_000, steps: 100, index: 1_000 } as const;

/** Which limit a path exceeds; undefined if none. */
export function pathProblem(path: string): string | undefined {
  if (path.length > LIMITS.characters)
    return `the path has ${String(path.length)} characters, and may have ${String(LIMITS.characters)}: shorten it`;
  const steps = stepsTo(path);
  if (steps.length > LIMITS.steps)
    return `the path has ${String(steps.length)} steps, and may have ${String(LIMITS.steps)}: shorten it`;
  const index = steps.find((step) => typeof step === 'number' && step > LIMITS.index);
  if (index === undefined) return undefined;
  return `the path has the index ${String(index)}, and an index may be at most ${String(LIMITS.index)}: correct it`;
}

/** A value at a path; undefined: what is there is removed. */
export type Change = readonly [path: string, put: Json | undefined];

/**
 * A copy with all changes. Missing parents are created. The value is copied once, however many changes there are.
 * @throws Error for a path that exceeds a limit
 */
export function withChanges(value: Json, changes: readonly Change[]): Json {
  let copy: Json | undefined = structuredClone(value);
  for (const [path, put] of changes) {
    const problem = pathProblem(path);
    if (problem !== undefined) throw new Error(problem);
    copy = changed(copy, stepsTo(path), put);
  }
  return copy ?? {};
}

/** The value one step on; undefined where there is none. */
function next(at: Json | undefined, step: string | number): Json | undefined {
  if (typeof step === 'number') return Array.isArray(at) ? at[step] : undefined;
  return isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
}

/** A copy with one change. */
export function withValueAt(value: Json | undefined, path: string, put: Json | undefined): Json {
  return withChanges(value ?? null, [[path, put]]);
}

/** Changes `value` in place, if it can hold the first step; else returns what replaces it. */
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
    const items = Array.isArray(value) ? value : [];
    while (items.length < step) items.push(null);
    items[step] = replaced ?? null;
    return items;
  }
  const members = isObject(value) ? value : {};
  if (replaced === undefined) delete members[step];
  // An assignment to `__proto__` would change the object's prototype.
  else Object.defineProperty(members, step, { value: replaced, enumerable: true, configurable: true, writable: true });
  return members;
}
