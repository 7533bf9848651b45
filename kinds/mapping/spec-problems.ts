import type { Json, JsonObject, SpecProblem } from '../contract.ts';
import { isObject, childPath } from '../json.ts';
import { checkCel } from './cel-check.ts';
import { dataKeyProblem, labelValueProblem, metadataNameProblem, objectNameProblem } from './kube-names.ts';

/** Finds what is wrong with `operatorSpec`, for `Shape.problems`. */
export function problemsOf(spec: JsonObject): SpecProblem[] {
  const operatorSpec = spec['operatorSpec'];
  if (!isObject(operatorSpec)) return [];
  return [
    ...destinationListProblems(operatorSpec, 'secrets', 'Secret'),
    ...destinationListProblems(operatorSpec, 'configMaps', 'ConfigMap'),
    ...expressionListProblems(operatorSpec, 'secretExpressions', 'Secret'),
    ...expressionListProblems(operatorSpec, 'configMapExpressions', 'ConfigMap'),
  ];
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

function expressionListProblems(
  operatorSpec: JsonObject,
  list: 'secretExpressions' | 'configMapExpressions',
  target: DestinationKind,
): SpecProblem[] {
  const entries = operatorSpec[list];
  return (Array.isArray(entries) ? entries : []).flatMap((entry: Json, index) => {
    if (!isObject(entry)) return [];
    const field = `operatorSpec.${childPath(list, index)}`;
    const metadataProblems = (['annotations', 'labels'] as const).flatMap((name) =>
      textsAt(entry, name).flatMap(([text, expression]) =>
        expressionProblems(`${field}.${name}["${text}"]`, expression, { target, wants: 'string' }),
      ),
    );
    const { value, key } = entry;
    // Without `key` the expression must return a map, which has its own keys.
    const wants = typeof key === 'string' && key !== '' ? 'string' : 'map';
    const valueProblems =
      typeof value === 'string' ? expressionProblems(`${field}.value`, value, { target, wants, key: true }) : [];
    const { key: given, ...rest } = entry;
    return [...destinationProblems(given === '' ? rest : entry, field, target), ...valueProblems, ...metadataProblems];
  });
}

interface Wanted {
  readonly target: DestinationKind;
  readonly wants: 'string' | 'map';
  /** Set if the field `key` beside the expression decides what it must return. */
  readonly key?: true;
}

function expressionProblems(field: string, expression: string, { target, wants, key }: Wanted): SpecProblem[] {
  const check = checkCel(expression, { secret: target === 'Secret' });
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
