import type { Limits } from '../facts/type-file.ts';
import type { Field, Node } from '../mapping/node.ts';

/** The one-line text of `kubectl explain` for a field; undefined if nothing is known beyond its name and type. */
export type Describe = (field: Field) => string | undefined;

/** Texts for fields that nearly every resource has. */
const COMMON: Readonly<Record<string, string>> = {
  extendedLocation: 'An edge zone or custom location, instead of the region itself.',
  location: 'Azure region, such as westeurope.',
  tags: 'Names and values that Azure keeps with the resource.',
  zones: 'Availability zones, such as "1".',
};

/** Units by the suffix of the field name: `storageSizeGB`, `timeoutInSeconds`. */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/(In)?(GiB|GB|Gb|Gigabytes)$/, 'In gigabytes'],
  [/(In)?(MiB|MB|Mb|Megabytes)$/, 'In megabytes'],
  [/(In)?TB$/, 'In terabytes'],
  [/(In)?Bytes$/, 'In bytes'],
  [/(In)?(Mbps|MBps)$/, 'In megabytes a second'],
  [/(In)?(Milliseconds|Ms)$/, 'In milliseconds'],
  [/(In)?(Seconds|Secs)$/, 'In seconds'],
  [/(In)?Minutes$/, 'In minutes'],
  [/(In)?Hours$/, 'In hours'],
  [/(In)?Days$/, 'In days'],
  [/(Percent|Percentage)$/, 'In percent'],
];

/** Describes a field from the types and kinds.json. Descriptions of Azure are not in this data. */
export const describeField: Describe = ({ name, wire, node, twin, when }) => {
  const sent = wire.at(-1) ?? '';
  if (when !== undefined) return `Where ${when.property} is ${when.value}. Exactly one of these is set.`;
  switch (node.type) {
    case 'secret':
      return `Key of a Secret in this namespace, sent as ${sent}${eitherOf(twin)}.`;
    case 'secretMap':
      return `A Secret in this namespace, all of it sent as ${sent}.`;
    case 'configMap':
      return `Key of a ConfigMap in this namespace, sent as ${sent}${eitherOf(twin)}.`;
    case 'reference':
      return `A resource by group, kind and name in this namespace, or by armId${node.wellKnown ? ', or by its wellKnownName' : ''}; its id is sent as ${sent}${eitherOf(twin)}.`;
    case 'identities':
      return 'User-assigned identities, each by reference.';
    case 'array':
      return node.items.type === 'reference'
        ? `Resources, each by group, kind and name in this namespace or by armId; their ids are sent as ${sent}.`
        : sentence([COMMON[name], itemCount(node.limits)]);
    default:
      return sentence([unitOf(name, node), COMMON[name], limitsOf(node)]);
  }
};

/** `twin.of` often has the name under which the value is sent, so "instead of" would be read as nonsense. */
function eitherOf(twin: Field['twin']): string {
  return twin === undefined ? '' : `. Set either this or ${twin.of}`;
}

function unitOf(name: string, { type: is }: Node): string | undefined {
  if (is !== 'integer' && is !== 'number') return undefined;
  return UNITS.find(([ending]) => ending.test(name))?.[1];
}

function limitsOf(node: Node): string | undefined {
  if (node.type === 'integer' || node.type === 'number') return range(node.limits.minimum, node.limits.maximum, '');
  if (node.type !== 'string') return undefined;
  const { minLength, maxLength, pattern } = node.limits;
  const size = range(minLength === 0 ? undefined : minLength, maxLength, ' characters');
  // kubectl does not show the pattern of a schema, and some patterns cannot be part of a schema.
  const form = pattern === undefined || pattern.length > 80 ? undefined : `matching ${pattern}`;
  return size === undefined || form === undefined ? (size ?? form) : `${size} ${form}`;
}

function itemCount({ minItems, maxItems }: Limits): string | undefined {
  return range(minItems, maxItems, ' items');
}

function range(least: number | undefined, most: number | undefined, unit: string): string | undefined {
  if (least === undefined && most === undefined) return undefined;
  if (most === undefined) return `${String(least)}${unit} or more`;
  if (least === undefined) return `up to ${String(most)}${unit}`;
  return least === most ? `${String(least)}${unit}` : `${String(least)} to ${String(most)}${unit}`;
}

function sentence(parts: readonly (string | undefined)[]): string | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length === 0) return undefined;
  const text = known.map((part, index) => (index === 0 ? capital(part) : part)).join(', ');
  return text.endsWith('.') ? text : `${text}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
