import { bodyOf, type ArmBody, type ArmType, type TypeFile } from './type-file.ts';

/** The steps of a path as kinds.json writes it: names, `[]`, `{}` and `<variant>`. */
function stepsOf(path: string): string[] {
  return path.match(/<[^>]*>|\[\d*\]|\{\}|[^.[\]{}<>]+/g) ?? [];
}

/** Whether the types have this path, starting in `body`. Every resource has `id`, `name` and `type`. */
export function typesHavePath(file: TypeFile, body: ArmBody, path: string): boolean {
  const [first, ...rest] = stepsOf(path);
  if (first === undefined) return true;
  if (rest.length === 0 && ['id', 'name', 'type'].includes(first)) return true;
  return follow(file, { body }, [first, ...rest]);
}

/** Where a path has led so far. */
type Position = { readonly body?: ArmBody; readonly type?: ArmType };

function follow(file: TypeFile, position: Position, steps: readonly string[]): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return true;
  const body = position.body ?? (position.type ? bodyOf(file, position.type) : undefined);
  const next = (type: ArmType | undefined): boolean => type !== undefined && follow(file, { type }, rest);
  if (step.startsWith('[')) return next(position.type?.items);
  if (step === '{}') return next(position.type?.values ?? body?.values);
  if (step.startsWith('<')) {
    const variant = body?.variants?.[step.slice(1, -1)];
    const inner = variant && bodyOf(file, variant);
    if (!body || !inner) return false;
    return follow(file, { body: { ...inner, properties: { ...body.properties, ...inner.properties } } }, rest);
  }
  if (next(body?.properties[step])) return true;
  if (body?.properties[step] === undefined && position.type !== undefined && isFree(position.type, body)) return true;
  // A path into a status may omit the variant.
  return Object.values(body?.variants ?? {}).some((variant) => follow(file, { type: variant }, steps));
}

/** A value without known properties may have any path. */
function isFree(type: ArmType, body: ArmBody | undefined): boolean {
  return body?.values !== undefined || type.type === 'map' || type.type === 'any' || type.type === 'object';
}
