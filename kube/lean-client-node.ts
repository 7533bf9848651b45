import { registerHooks } from 'node:module';

/**
 * Makes the next import of client-node's `dist/config.js` do without the generated API.
 *
 * `KubeConfig` takes two small things from `gen/index.js`, which pulls in the classes of every Kubernetes API with it: 83 MB of resident memory that
 * nothing here uses. Those two live in files of their own, so this import, and no other, is pointed at a module that re-exports just them.
 * @returns a function that takes the redirection away again.
 */
export function leanClientNode(): () => void {
  const hooks = registerHooks({
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
  return () => hooks.deregister();
}
