import { rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/**
 * `node worker/build-bundle.ts FILE`: writes the workflow bundle. A process of its own, because webpack leaves some 80 MB behind in the process that
 * ran it; the image has the file made at build time (WORKFLOW_BUNDLE).
 */
const file = process.argv[2];
if (file === undefined) throw new Error('cannot build the workflow bundle: name the file to write');
const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
// Two workers that start at once both build it: neither may read the other's half.
const half = `${file}.${String(process.pid)}`;
await writeFile(half, withoutSources(code));
await rename(half, file);

/** The source map keeps its positions and loses the copies of all sources, which cost each worker 10 MB. The SDK insists on an inline map. */
function withoutSources(bundle: string): string {
  return bundle.replace(/(sourceMappingURL=data:[^,]*,)(\S+)/, (_, head: string, encoded: string) => {
    const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as { sourcesContent?: unknown };
    delete map.sourcesContent;
    return head + Buffer.from(JSON.stringify(map)).toString('base64');
  });
}
