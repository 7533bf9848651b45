import type { Json } from '../../kinds/contract.ts';
import { isObject } from '../../kinds/json.ts';
import type { ArmType } from '../../kinds/facts/type-file.ts';

type ValueProblem = { readonly what: 'type' | 'value'; readonly problem: string };

/** What is wrong with a value taken by itself: its JSON type, its limits, its place in a closed enum. `isBody`: the type names an object. */
export function valueProblem(
  type: ArmType,
  isBody: boolean,
  value: Json,
  takesFractions: boolean,
): ValueProblem | undefined {
  const wanted = wantedOf(type, isBody, takesFractions);
  if (wanted === 'anything') return undefined;
  if (!fits(wanted, value)) return { what: 'type', problem: `is no ${wanted}` };
  const broken = limitBroken(type, value) ?? enumBroken(type, value);
  return broken === undefined ? undefined : { what: 'value', problem: broken };
}

type Wanted = 'anything' | 'object' | 'list' | 'string' | 'boolean' | 'integer' | 'number';

function wantedOf(type: ArmType, isBody: boolean, takesFractions: boolean): Wanted {
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

function fits(wanted: Wanted, value: Json): boolean {
  switch (wanted) {
    case 'anything':
      return true;
    case 'object':
      return isObject(value);
    case 'list':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === wanted;
  }
}

function limitBroken(type: ArmType, value: Json): string | undefined {
  if (typeof value === 'string') {
    if (type.pattern !== undefined && !new RegExp(type.pattern).test(value)) return `does not match ${type.pattern}`;
    return sizeBroken(type.minLength, type.maxLength, [...value].length, 'characters');
  }
  if (typeof value === 'number') return sizeBroken(type.minimum, type.maximum, value, '');
  if (Array.isArray(value)) return sizeBroken(type.minItems, type.maxItems, value.length, 'items');
  return undefined;
}

function sizeBroken(
  least: number | undefined,
  most: number | undefined,
  size: number,
  unit: string,
): string | undefined {
  if (least !== undefined && size < least) return `is below the least, ${String(least)} ${unit}`.trim();
  if (most !== undefined && size > most) return `is above the most, ${String(most)} ${unit}`.trim();
  return undefined;
}

/** Azure reads enum values in any case. */
function enumBroken(type: ArmType, value: Json): string | undefined {
  if (type.enum === undefined || type.open === true) return undefined;
  const known = type.enum.some((one) => String(one).toLowerCase() === String(value as string | number).toLowerCase());
  return known ? undefined : `is none of ${type.enum.join(', ')}`;
}
