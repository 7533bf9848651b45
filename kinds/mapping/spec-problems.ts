import type { Json, JsonObject, SpecProblem } from '../contract.ts';
import { isObject, childPath } from '../json.ts';
import { checkCel } from './cel-check.ts';
import { CEL_LIMITS } from './cel-limits.ts';
import type { Cel } from './cel.ts';
import { dataKeyProblem, labelValueProblem, metadataNameProblem, objectNameProblem } from './kube-names.ts';

/** Finds what is wrong with `operatorSpec`, for `Shape.problems`: everything but the text of its expressions. */
export function problemsOf(spec: JsonObject): SpecProblem[] {
  const operatorSpec = spec['operatorSpec'];
  if (!isObject(operatorSpec)) return [];
  return [
    ...destinationListProblems(operatorSpec, 'secrets', 'Secret'),
    ...destinationListProblems(operatorSpec, 'configMaps', 'ConfigMap'),
    ...EXPRESSION_LISTS.flatMap(([list, target]) =>
      entriesOf(operatorSpec, list).flatMap(([field, { key, ...rest }]) =>
        destinationProblems(key === undefined || key === '' ? rest : { ...rest, key }, field, target),
      ),
    ),
    ...expressionCountProblems(operatorSpec),
  ];
}

const EXPRESSION_LISTS = [
  ['secretExpressions', 'Secret'],
  ['configMapExpressions', 'ConfigMap'],
] as const;

/**
 * Finds what is wrong with the expressions of `operatorSpec`. It reads the text of users, so only the threads of
 * `activities/expressions/` call it. `onField` hears which expression is read next.
 */
export function expressionProblemsOf(
  cel: Cel,
  operatorSpec: JsonObject,
  onField: (field: string) => void = () => undefined,
): SpecProblem[] {
  return EXPRESSION_LISTS.flatMap(([list, target]) =>
    expressionsIn(operatorSpec, list).flatMap(({ field, expression, ...wanted }) => {
      onField(field);
      return expressionProblems(cel, field, expression, { target, ...wanted });
    }),
  );
}

/** Whether `operatorSpec` has expressions. */
export function hasExpressions(operatorSpec: JsonObject): boolean {
  return EXPRESSION_LISTS.some(([list]) => expressionsIn(operatorSpec, list).length > 0);
}

function expressionCountProblems(operatorSpec: JsonObject): SpecProblem[] {
  const count = EXPRESSION_LISTS.reduce((sum, [list]) => sum + expressionsIn(operatorSpec, list).length, 0);
  if (count <= CEL_LIMITS.expressions) return [];
  const message = `there are ${String(count)} expressions, with those of annotations and labels, and there may be ${String(CEL_LIMITS.expressions)}: remove some, or return a map from one expression instead of writing one for each key`;
  return [{ field: 'operatorSpec', message }];
}

type DestinationKind = 'Secret' | 'ConfigMap';

function destinationListProblems(
  operatorSpec: JsonObject,
  list: 'secrets' | 'configMaps',
  target: DestinationKind,
): SpecProblem[] {
  const wanted = operatorSpec[list];
  return Object.entries(isObject(wanted) ? wanted : {}).flatMap(([name, entry]) => {
    if (!isObject(entry)) return [];
    const field = `operatorSpec.${list}.${name}`;
    const labels = textsAt(entry, 'labels').flatMap(([label, value]) =>
      nameProblem(`${field}.labels["${label}"]`, value, 'a label', labelValueProblem(value)),
    );
    return [...destinationProblems(entry, field, target), ...labels];
  });
}

/** Checks the object and the key that a value is written to, and the names of its annotations and labels. */
function destinationProblems(entry: JsonObject, field: string, target: DestinationKind): SpecProblem[] {
  const { name, key } = entry;
  const metadataProblems = (['annotations', 'labels'] as const).flatMap((list) =>
    textsAt(entry, list).flatMap(([text]) => {
      // Kubernetes accepts upper-case letters in the prefix of an annotation.
      const problem = metadataNameProblem(list === 'annotations' ? text.toLowerCase() : text);
      return nameProblem(`${field}.${list}`, text, list === 'annotations' ? 'an annotation' : 'a label', problem);
    }),
  );
  return [
    ...(typeof name === 'string' ? nameProblem(`${field}.name`, name, `a ${target}`, objectNameProblem(name)) : []),
    ...(typeof key === 'string' ? nameProblem(`${field}.key`, key, `a key of a ${target}`, dataKeyProblem(key)) : []),
    ...metadataProblems,
  ];
}

function nameProblem(field: string, text: string, what: string, problem: string | undefined): SpecProblem[] {
  if (problem === undefined) return [];
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return [
    { field, message: `${JSON.stringify(shown)} cannot be the name of ${what}: it ${problem}. Choose another name` },
  ];
}

type ExpressionList = (typeof EXPRESSION_LISTS)[number][0];

function entriesOf(operatorSpec: JsonObject, list: ExpressionList): [field: string, entry: JsonObject][] {
  const entries = operatorSpec[list];
  return (Array.isArray(entries) ? entries : []).flatMap((entry: Json, index): [string, JsonObject][] =>
    isObject(entry) ? [[`operatorSpec.${childPath(list, index)}`, entry]] : [],
  );
}

interface Expression extends Omit<Wanted, 'target'> {
  readonly field: string;
  readonly expression: string;
}

function expressionsIn(operatorSpec: JsonObject, list: ExpressionList): Expression[] {
  return entriesOf(operatorSpec, list).flatMap(([field, entry]) => {
    const { value, key } = entry;
    // Without `key` the expression must return a map, which has its own keys.
    const wants = typeof key === 'string' && key !== '' ? 'string' : 'map';
    const values: Expression[] =
      typeof value === 'string' ? [{ field: `${field}.value`, expression: value, wants, key: true }] : [];
    const metadata = (['annotations', 'labels'] as const).flatMap((name) =>
      textsAt(entry, name).map(([text, expression]): Expression => ({
        field: `${field}.${name}["${text}"]`,
        expression,
        wants: 'string',
      })),
    );
    return [...values, ...metadata];
  });
}

interface Wanted {
  readonly target: DestinationKind;
  readonly wants: 'string' | 'map';
  /** Set if the field `key` beside the expression decides what it must return. */
  readonly key?: true;
}

function expressionProblems(
  cel: Cel,
  field: string,
  expression: string,
  { target, wants, key }: Wanted,
): SpecProblem[] {
  const check = checkCel(cel, expression, { secret: target === 'Secret' });
  if ('limit' in check) return [{ field, message: check.limit }];
  if ('problem' in check) {
    const hint = /^.*: Unknown variable: /.test(check.problem) ? ` (available: ${variables(target)})` : '';
    return [{ field, message: `the expression is not valid at ${check.problem}${hint}. Correct the expression` }];
  }
  const { resultType } = check;
  if (resultType === 'unknown' || resultType === wants) return [];
  if (resultType === 'other' || key === undefined)
    return [
      {
        field,
        message: `the expression must return a string${key ? ' or a map of strings' : ''}. Correct it, for example with string(…)`,
      },
    ];
  return wants === 'string'
    ? [
        {
          field,
          message:
            'the expression returns a map, whose keys become the keys of the object: remove the field "key" beside it',
        },
      ]
    : [
        {
          field,
          message:
            'the expression returns a string: set the field "key" beside it to the key that the string is written to',
        },
      ];
}

function variables(target: DestinationKind): string {
  return target === 'Secret'
    ? 'self, the resource, and secret, its secrets'
    : 'self, the resource; only secretExpressions may read secret';
}

function textsAt(entry: JsonObject, name: string): [string, string][] {
  const texts = entry[name];
  return Object.entries(isObject(texts) ? texts : {}).filter(
    (text): text is [string, string] => typeof text[1] === 'string',
  );
}
