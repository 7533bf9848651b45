import type { Json } from '../../kinds/contract.ts';
import type { ArmType } from '../../kinds/facts/type-file.ts';
import { isObject } from '../../kinds/json.ts';

type ValueProblem = { readonly what: 'type' | 'value'; readonly problem: string };

/**
 * What is wrong with the value itself: its JSON type, its limits, or that a closed enum does not have it. `isBody`: the
 * type is an object with known properties.
 */
export function valueProblem(
  type: ArmType,
  isBody: boolean,
  value: Json,
  takesFractions: boolean,
): ValueProblem | undefined {
  const expected = expectedOf(type, isBody, takesFractions);
  if (expected === 'anything') return undefined;
  if (!fits(expected, value)) return { what: 'type', problem: `is no ${expected}` };
  const broken = brokenLimit(type, value) ?? brokenEnum(type, value);
  return broken === undefined ? undefined : { what: 'value', problem: broken };
}

type Expected = 'anything' | 'object' | 'list' | 'string' | 'boolean' | 'integer' | 'number';

function expectedOf(type: ArmType, isBody: boolean, takesFractions: boolean): Expected {
  if (isBody) return 'object';
  switch (type.type) {
    case 'map':
    case 'object':
      return 'object';
    case 'array':
      return 'list';
    case 'integer':
      return takesFractions ? 'number' : 'integer';
    case 'string':
    case 'boolean':
    case 'number':
      return type.type;
    default:
      return 'anything';
  }
}

function fits(expected: Expected, value: Json): boolean {
  switch (expected) {
    case 'anything':
      return true;
    case 'object':
      return isObject(value);
    case 'list':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === expected;
  }
}

function brokenLimit(type: ArmType, value: Json): string | undefined {
  if (typeof value === 'string') {
    if (type.pattern !== undefined && !new RegExp(type.pattern).test(value)) return `does not match ${type.pattern}`;
    return brokenSize(type.minLength, type.maxLength, Array.from(value).length, 'characters');
  }
  if (typeof value === 'number') return brokenSize(type.minimum, type.maximum, value, '');
  if (Array.isArray(value)) return brokenSize(type.minItems, type.maxItems, value.length, 'items');
  return undefined;
}

function brokenSize(
  least: number | undefined,
  most: number | undefined,
  size: number,
  unit: string,
): string | undefined {
  if (least !== undefined && size < least) return `is below the least, ${String(least)} ${unit}`.trim();
  if (most !== undefined && size > most) return `is above the most, ${String(most)} ${unit}`.trim();
  return undefined;
}

/** Azure ignores case in enum values. */
function brokenEnum(type: ArmType, value: Json): string | undefined {
  if (type.enum === undefined || type.open === true) return undefined;
  const known = type.enum.some((one) => String(one).toLowerCase() === String(value).toLowerCase());
  return known ? undefined : `is none of ${type.enum.join(', ')}`;
}
