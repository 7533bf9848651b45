import { parseArgs } from 'node:util';

import { createKubeClient } from '../kube/client.ts';
import { installCrds } from './install-crds.ts';

const { values } = parseArgs({
  options: {
    kinds: { type: 'string' },
    newest: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    kubeconfig: { type: 'string' },
  },
});
const client = await createKubeClient(values.kubeconfig === undefined ? {} : { kubeconfig: values.kubeconfig });
try {
  const names = await installCrds(client, {
    kinds: values.kinds,
    newest: values.newest ?? false,
    dryRun: values['dry-run'] ?? false,
  });
  process.stdout.write(
    `${names.join('\n')}\n${String(names.length)} kinds ${values['dry-run'] ? 'accepted' : 'installed'}\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await client.close();
}
