import type { Facts } from '../facts/row-facts.ts';
import type { PathFact } from '../facts/row.ts';
import type { ArmBody } from '../facts/type-file.ts';
import type { Field, Node } from './node.ts';

/**
 * The fields that the row adds to the object at `path` because its types lack them. An added object has the fields that
 * the row adds below it.
 */
export function addedFields(facts: Facts, body: ArmBody, path: string): Field[] {
  return facts.all('add').flatMap((fact): Field[] => {
    const { parent, name } = parentOf(fact.path);
    if (parent !== path) return [];
    const field = { name, required: false, node: addedNode(facts, fact) };
    const isRest = fact.type === 'map' && name === 'additionalProperties';
    return [isRest ? { ...field, wire: [], except: Object.keys(body.properties) } : { ...field, wire: [name] }];
  });
}

/** The name of a variant may contain dots: only a dot after the last marker separates the parent. */
function parentOf(path: string): { parent: string; name: string } {
  const dot = path.lastIndexOf('.');
  if (dot <= path.lastIndexOf('>')) return { parent: '', name: path };
  return { parent: path.slice(0, dot), name: path.slice(dot + 1) };
}

function addedNode(facts: Facts, { path, type = 'string', enum: values }: PathFact): Node {
  if (type === 'map') return { type, values: { type: 'any' }, empty: 'leaveOut' };
  if (type === 'object') return { type, fields: addedFields(facts, { properties: {} }, path) };
  return { type, limits: {}, ...(values ? { enum: values } : {}) };
}
