import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

// The workflow bundle as an image has it (WORKFLOW_BUNDLE), so that a worker that replaces a killed one starts as fast as a container does.
const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
await writeFile(process.argv[2] ?? 'workflow-bundle.js', code);
