import type { Json, JsonObject, SpecProblem } from '../contract.ts';
import { isObject, childPath } from '../json.ts';
import { checkCel } from './cel-check.ts';
import { dataKeyProblem, labelValueProblem, metadataNameProblem, objectNameProblem } from './kube-names.ts';

/** Finds what is wrong with `operatorSpec`, for `Shape.problems`. */
export function problemsOf(spec: JsonObject): SpecProblem[] {
  const operatorSpec = spec['operatorSpec'];
  if (!isObject(operatorSpec)) return [];
  return [
    ...ofDestinations(operatorSpec, 'secrets', 'Secret'),
    ...ofDestinations(operatorSpec, 'configMaps', 'ConfigMap'),
    ...ofExpressions(operatorSpec, 'secretExpressions', 'Secret'),
    ...ofExpressions(operatorSpec, 'configMapExpressions', 'ConfigMap'),
  ];
}

type Target = 'Secret' | 'ConfigMap';

function ofDestinations(operatorSpec: JsonObject, list: 'secrets' | 'configMaps', target: Target): SpecProblem[] {
  const wanted = operatorSpec[list];
  return Object.entries(isObject(wanted) ? wanted : {}).flatMap(([name, entry]) => {
    if (!isObject(entry)) return [];
    const field = `operatorSpec.${list}.${name}`;
    const labels = textsAt(entry, 'labels').flatMap(([label, value]) =>
      naming(`${field}.labels["${label}"]`, value, 'a label', labelValueProblem(value)),
    );
    return [...ofDestination(entry, field, target), ...labels];
  });
}

/** Checks the object and the key that a value is written to, and the names of annotations and labels. */
function ofDestination(entry: JsonObject, field: string, target: Target): SpecProblem[] {
  const { name, key } = entry;
  const ofMetadata = (['annotations', 'labels'] as const).flatMap((list) =>
    textsAt(entry, list).flatMap(([text]) => {
      // Kubernetes accepts upper-case letters in the prefix of an annotation.
      const fault = metadataNameProblem(list === 'annotations' ? text.toLowerCase() : text);
      return naming(`${field}.${list}`, text, list === 'annotations' ? 'an annotation' : 'a label', fault);
    }),
  );
  return [
    ...(typeof name === 'string' ? naming(`${field}.name`, name, `a ${target}`, objectNameProblem(name)) : []),
    ...(typeof key === 'string' ? naming(`${field}.key`, key, `a key of a ${target}`, dataKeyProblem(key)) : []),
    ...ofMetadata,
  ];
}

function naming(field: string, text: string, what: string, fault: string | undefined): SpecProblem[] {
  if (fault === undefined) return [];
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return [{ field, message: `${JSON.stringify(shown)} cannot name ${what}: it ${fault}. Choose another` }];
}

function ofExpressions(
  operatorSpec: JsonObject,
  list: 'secretExpressions' | 'configMapExpressions',
  target: Target,
): SpecProblem[] {
  const entries = operatorSpec[list];
  return (Array.isArray(entries) ? entries : []).flatMap((entry: Json, index) => {
    if (!isObject(entry)) return [];
    const field = `operatorSpec.${childPath(list, index)}`;
    const ofMetadata = (['annotations', 'labels'] as const).flatMap((name) =>
      textsAt(entry, name).flatMap(([text, expression]) =>
        ofExpression(`${field}.${name}["${text}"]`, expression, { target, wants: 'string' }),
      ),
    );
    const { value, key } = entry;
    // Without a key the expression must give a map, which has its own keys.
    const wants = typeof key === 'string' && key !== '' ? 'string' : 'map';
    const ofValue =
      typeof value === 'string' ? ofExpression(`${field}.value`, value, { target, wants, key: true }) : [];
    const { key: given, ...rest } = entry;
    return [...ofDestination(given === '' ? rest : entry, field, target), ...ofValue, ...ofMetadata];
  });
}

interface Wanted {
  readonly target: Target;
  readonly wants: 'string' | 'map';
  /** Set where the `key` beside the expression decides what it must give. */
  readonly key?: true;
}

function ofExpression(field: string, expression: string, { target, wants, key }: Wanted): SpecProblem[] {
  const verdict = checkCel(expression, { secret: target === 'Secret' });
  if ('fault' in verdict) {
    const hint = /^.*: Unknown variable: /.test(verdict.fault) ? ` (there is ${variables(target)})` : '';
    return [{ field, message: `the expression is not valid at ${verdict.fault}${hint}. Correct the expression` }];
  }
  const { gives } = verdict;
  if (gives === 'unknown' || gives === wants) return [];
  if (gives === 'other' || key === undefined)
    return [
      {
        field,
        message: `the expression must give a string${key ? ', or a map of strings' : ''}. Correct it, for example with string(…)`,
      },
    ];
  return wants === 'string'
    ? [{ field, message: 'the expression gives a map, whose names are the keys: remove the key beside it' }]
    : [{ field, message: 'the expression gives a string: name the key that it is written to, beside it' }];
}

function variables(target: Target): string {
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
