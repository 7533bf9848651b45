/**
 * Returns `{[key]: port}` from an environment variable; `{}` when it is not set, so that a free port is used.
 * @throws Error that names the variable when its value is not a port
 */
export function portFromEnvironment<K extends string>(key: K, variable: string): { readonly [P in K]?: number } {
  const text = process.env[variable];
  if (text === undefined || text === '') return {};
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`${variable} is "${text}"; it must be a port (1 to 65535)`);
  return { [key]: port } as { readonly [P in K]?: number };
}
