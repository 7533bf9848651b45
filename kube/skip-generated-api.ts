import { registerHooks } from 'node:module';

/**
 * Makes the next import of client-node's `dist/config.js` skip the generated API.
 *
 * `KubeConfig` needs two small exports of `gen/index.js`, which loads the classes of every Kubernetes API: 83 MB of
 * resident memory that this operator does not use. The two exports are in files of their own, so this import, and no
 * other, is redirected to a module that re-exports only those.
 * @returns a function that removes the redirection
 */
export function skipGeneratedApi(): () => void {
  const hooks = registered({
    resolve: (specifier, context, next) => {
      const parent = context.parentURL ?? '';
      if (specifier !== './gen/index.js' || !parent.endsWith('/@kubernetes/client-node/dist/config.js'))
        return next(specifier, context);
      const here = (path: string): string => JSON.stringify(new URL(path, parent).href);
      const source =
        `export { createConfiguration } from ${here('./gen/configuration.js')};\n` +
        `export { ServerConfiguration } from ${here('./gen/servers.js')};\n`;
      return { url: `data:text/javascript,${encodeURIComponent(source)}`, format: 'module', shortCircuit: true };
    },
  });
  return () => hooks?.deregister();
}

/** Undefined where the host has no hooks, as jest. The import then loads everything. */
function registered(hooks: Parameters<typeof registerHooks>[0]): ReturnType<typeof registerHooks> | undefined {
  try {
    return registerHooks(hooks);
  } catch {
    return undefined;
  }
}
