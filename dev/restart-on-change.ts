import { watch } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const WATCHED = ['workflows', 'activities', 'azure', 'kube', 'kinds', 'worker', 'watcher'];
const DEBOUNCE_MS = 300;

/**
 * Calls `changed` when a source file of the product has changed and no other change followed for a moment. Node's
 * --watch does not notice changes of the workflow bundle.
 */
export function restartOnChange(changed: (file: string) => void): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  const watchers = WATCHED.map((folder) =>
    watch(join(ROOT, folder), { recursive: true }, (_event, file) => {
      if (file === null || !/\.(ts|json)$/.test(file)) return;
      clearTimeout(timer);
      timer = setTimeout(() => changed(join(folder, file)), DEBOUNCE_MS);
    }),
  );
  return {
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
