import type { TypeFile } from '../facts/type-file.ts';

/**
 * Bicep repeats a type under the same name for each place that uses it. Those that have the same content become one;
 * the others keep their `~<number>`.
 */
export function mergeEqualTypes(file: TypeFile): TypeFile {
  for (let current = file; ;) {
    const firsts = new Map<string, string>();
    const renamed = new Map<string, string>();
    for (const name of Object.keys(current.types).sort(byNumber)) {
      const content = `${baseOf(name)} ${JSON.stringify(current.types[name])}`;
      const first = firsts.get(content);
      if (first === undefined) firsts.set(content, name);
      else renamed.set(name, first);
    }
    if (renamed.size === 0) return current;
    current = withNames(current, renamed);
  }
}

/** `A` before `A~2` before `A~10`. */
function byNumber(a: string, b: string): number {
  return numberOf(a) - numberOf(b) || (a < b ? -1 : 1);
}

function numberOf(name: string): number {
  return Number(/~(\d+)$/.exec(name)?.[1] ?? 1);
}

function baseOf(name: string): string {
  return name.replace(/~\d+$/, '');
}

function withNames(file: TypeFile, renamed: ReadonlyMap<string, string>): TypeFile {
  const types = Object.fromEntries(Object.entries(file.types).filter(([name]) => !renamed.has(name)));
  const text = JSON.stringify({ ...file, types });
  return JSON.parse(text, (key, value: unknown) =>
    key === 'ref' && typeof value === 'string' ? (renamed.get(value) ?? value) : value,
  ) as TypeFile;
}
