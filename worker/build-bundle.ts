import { chmod, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/**
 * `node worker/build-bundle.ts FILE` writes the workflow bundle to FILE. It runs as a process of its own, because
 * webpack leaves some 80 MB behind in the process that ran it. The image contains the file, made at build time
 * (WORKFLOW_BUNDLE).
 */
const file = process.argv[2];
if (file === undefined)
  throw new Error('cannot build the workflow bundle: no file given; usage: node worker/build-bundle.ts FILE');
const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
// Two workers that start at the same time both build the bundle; the rename keeps each from reading a partly written
// file.
const temporary = `${file}.${String(process.pid)}`;
// Whatever the umask: the worker refuses a file that group or others may write.
await writeFile(temporary, withoutSources(code), { mode: 0o644 });
await chmod(temporary, 0o644);
await rename(temporary, file);

/**
 * Removes the copies of all sources from the inline source map: they cost each worker 10 MB. The map itself must stay,
 * because the SDK requires an inline map.
 */
function withoutSources(bundle: string): string {
  return bundle.replace(/(sourceMappingURL=data:[^,]*,)(\S+)/, (_, head: string, encoded: string) => {
    const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as { sourcesContent?: unknown };
    delete map.sourcesContent;
    return head + Buffer.from(JSON.stringify(map)).toString('base64');
  });
}
