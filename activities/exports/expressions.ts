import { evaluateCel, type CelInput } from '../../kinds/mapping/cel.ts';
import type { ExportExpression, JsonObject } from '../../kinds/contract.ts';
import { dataKeyProblem } from '../../kinds/mapping/kube-names.ts';
import type { Sources } from './sources.ts';
import type { ExportedValue } from './exported-value.ts';
import type { Resource } from '../resource/resource.ts';
import type { StepContext } from '../step-context.ts';
import { selfOf } from './self.ts';
import { StepError } from '../step-error.ts';

/** Evaluates the expressions of a spec. `self` is the resource, with the status made from Azure's current answer. */
export async function evaluateExpressions(
  resource: Resource,
  sources: Sources,
  step: Pick<StepContext, 'hide'>,
): Promise<ExportedValue[]> {
  const expressions = resource.shape.expressions(resource.spec);
  if (expressions.length === 0) return [];
  const self = selfOf(resource, await sources.answer());
  const values: ExportedValue[] = [];
  for (const expression of expressions) values.push(...(await valuesOf(expression, { self, sources, step })));
  return values;
}

interface Surroundings {
  readonly self: JsonObject;
  readonly sources: Sources;
  readonly step: Pick<StepContext, 'hide'>;
}

async function valuesOf(wanted: ExportExpression, { self, sources, step }: Surroundings): Promise<ExportedValue[]> {
  const { target, field, name, key } = wanted;
  const secret = target === 'Secret' ? await secretsFor(wanted, sources) : undefined;
  step.hide(Object.values(secret ?? {}));
  const input: CelInput = secret ? { self, secret } : { self };
  const result = evaluated(field, wanted.expression, input);
  const metadata = {
    ...(wanted.annotations && { annotations: textsOf(`${field}.annotations`, wanted.annotations, input) }),
    ...(wanted.labels && { labels: textsOf(`${field}.labels`, wanted.labels, input) }),
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

function textsOf(field: string, texts: Readonly<Record<string, string>>, input: CelInput): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, expression]) => {
      const value = evaluated(`${field}["${name}"]`, expression, input);
      if (typeof value !== 'string') throw invalid(field, 'the expression must return a string');
      return [name, value];
    }),
  );
}

function evaluated(field: string, expression: string, input: CelInput): string | Record<string, string> {
  try {
    return evaluateCel(expression, input);
  } catch (error) {
    throw failed(field, error instanceof Error ? error.message : 'the expression cannot be evaluated');
  }
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
