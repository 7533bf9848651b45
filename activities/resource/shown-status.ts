import { formsOf } from '../../azure/clean-message.ts';
import type { Json, JsonObject, Shape } from '../../kinds/contract.ts';
import { isObject } from '../../kinds/json.ts';

/** A text that contains a value of fewer characters is shown: `dev` is in the names of many things. */
const MIN_PART = 8;

/**
 * Azure's answer as the status of the resource, without these secret values: Azure may repeat one under a name that the
 * types do not mark as secret. A text that equals a value, or contains one of at least 8 characters, is left out. `id`,
 * `name` and `type` are always shown: they repeat the ARM id.
 */
export function shownStatus(shape: Pick<Shape, 'status'>, answer: JsonObject, secrets: readonly string[]): JsonObject {
  const status = shape.status(answer);
  const forms = secrets.flatMap(formsOf);
  if (forms.length === 0) return status;
  const { id, name, type } = status;
  return {
    ...withoutValues(status, forms),
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(type !== undefined && { type }),
  };
}

function withoutValues(object: JsonObject, forms: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) => {
      const shown = withoutValue(value, forms);
      return shown === undefined ? [] : [[name, shown] as const];
    }),
  );
}

function withoutValue(value: Json, forms: readonly string[]): Json | undefined {
  if (typeof value === 'string') return forms.some((form) => holds(value, form)) ? undefined : value;
  if (Array.isArray(value)) return value.map((item) => withoutValue(item, forms)).filter((item) => item !== undefined);
  return isObject(value) ? withoutValues(value, forms) : value;
}

function holds(text: string, form: string): boolean {
  return form.length < MIN_PART ? text === form : text.includes(form);
}
