import type { ExportExpression, JsonObject } from '../../kinds/contract.ts';
import type { CelResult } from '../../kinds/mapping/cel.ts';
import { dataKeyProblem } from '../../kinds/mapping/kube-names.ts';
import type { Expressions } from '../expressions/expression-threads.ts';
import { limitExceeded } from '../expressions/limit-exceeded.ts';
import { ExpressionError } from '../expressions/running-thread.ts';
import type { ExpressionItem } from '../expressions/task.ts';
import type { Sources } from './sources.ts';
import type { ExportedValue } from './exported-value.ts';
import type { Resource } from '../resource/resource.ts';
import { selfOf } from './self.ts';
import type { StepContext } from '../step-context.ts';
import { StepError } from '../step-error.ts';

/** Evaluates the expressions of a spec. `self` is the resource, with the status made from Azure's current answer. */
export async function evaluateExpressions(
  { expressions, step }: { expressions: Expressions; step: Pick<StepContext, 'hide'> },
  resource: Resource,
  sources: Sources,
): Promise<ExportedValue[]> {
  const wanted = resource.shape.expressions(resource.spec);
  if (wanted.length === 0) return [];
  const self = selfOf(resource, await sources.answer());
  const items: ExpressionItem[] = [];
  for (const one of wanted) items.push(...(await itemsOf(one, sources, step)));
  const results = await evaluated(expressions, self, items);
  const byField = new Map(items.map(({ field }, index) => [field, results[index]]));
  return wanted.flatMap((one) => valuesOf(one, (field) => resultAt(byField, field)));
}

/** The expressions of one entry: that of its value, and those of its annotations and labels. */
async function itemsOf(
  wanted: ExportExpression,
  sources: Sources,
  step: Pick<StepContext, 'hide'>,
): Promise<ExpressionItem[]> {
  const { target, field, expression, annotations, labels } = wanted;
  const values = target === 'Secret' ? await secretsFor(wanted, sources) : undefined;
  step.hide(Object.values(values ?? {}));
  const secret = values && { secret: values };
  const metadata = Object.entries({ annotations, labels }).flatMap(([list, texts]) =>
    Object.entries(texts ?? {}).map(([name, text]) => ({ field: textField(field, list, name), expression: text })),
  );
  return [{ field, expression }, ...metadata].map((item) => ({ ...item, ...secret }));
}

function textField(field: string, list: string, name: string): string {
  return `${field}.${list}["${name}"]`;
}

async function evaluated(
  expressions: Expressions,
  self: JsonObject,
  items: readonly ExpressionItem[],
): Promise<readonly CelResult[]> {
  try {
    return await expressions.evaluate(self, items);
  } catch (error) {
    if (error instanceof ExpressionError) throw error.limit ? limitExceeded(error) : failed(error.field, error.message);
    throw error;
  }
}

function resultAt(results: ReadonlyMap<string, CelResult | undefined>, field: string): CelResult {
  const result = results.get(field);
  if (result === undefined) throw failed(field, 'the expression was not evaluated');
  return result;
}

function valuesOf(wanted: ExportExpression, resultOf: (field: string) => CelResult): ExportedValue[] {
  const { target, field, name, key, annotations, labels } = wanted;
  const result = resultOf(field);
  const texts = (list: string, given: Readonly<Record<string, string>>): Record<string, string> =>
    textsOf(field, Object.keys(given), (text) => resultOf(textField(field, list, text)));
  const metadata = {
    ...(annotations && { annotations: texts('annotations', annotations) }),
    ...(labels && { labels: texts('labels', labels) }),
  };
  if (typeof result === 'string') {
    if (key === undefined)
      throw invalid(
        field,
        'the expression returns a string: set the field "key" beside it to the key that the string is written to',
      );
    return [{ target, field, name, key, value: nonEmpty(field, result), ...metadata }];
  }
  if (key !== undefined)
    throw invalid(
      field,
      'the expression returns a map, whose keys become the keys of the object: remove the field "key" beside it',
    );
  const entries = Object.entries(result);
  if (entries.length === 0) throw failed(field, 'the expression returns an empty map');
  checkKeys(field, entries);
  return entries.map(([name_, value]) => ({
    target,
    field,
    name,
    key: name_,
    value: nonEmpty(field, value),
    ...metadata,
  }));
}

/** A key may be computed from a secret, so the message does not quote it. */
function checkKeys(field: string, entries: readonly (readonly [string, string])[]): void {
  for (const [name] of entries) {
    const problem = dataKeyProblem(name);
    if (problem !== undefined)
      throw invalid(
        field,
        `a key of the map that the expression returns cannot be a key of a Secret or ConfigMap: it ${problem}`,
      );
  }
}

async function secretsFor({ secrets }: ExportExpression, sources: Sources): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, source] of Object.entries(secrets)) {
    const value = await sources.value(source);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function textsOf(
  field: string,
  names: readonly string[],
  resultOf: (name: string) => CelResult,
): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const value = resultOf(name);
      if (typeof value !== 'string') throw invalid(field, 'the expression must return a string');
      return [name, value];
    }),
  );
}

function nonEmpty(field: string, value: string): string {
  if (value !== '') return value;
  throw failed(field, 'the expression returns an empty string');
}

/** Retried: the status that the expression reads may change. */
function failed(field: string, why: string): StepError {
  return new StepError('Failed', `cannot export operatorSpec.${field}: ${why}`);
}

function invalid(field: string, why: string): StepError {
  return new StepError('InvalidSpec', `cannot export operatorSpec.${field}: ${why}`);
}
