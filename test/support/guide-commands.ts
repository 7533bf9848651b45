import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Runs a block of commands of a page in docs/ (```bash NAME) as a person would, with this kubectl and cluster.
 * @returns what they print
 */
export async function runGuideCommands(
  { page, block }: { page: string; block: string },
  { kubectl, kubeconfig }: { kubectl: string; kubeconfig: string },
): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../../docs', page), 'utf8');
  const [, commands] = new RegExp(`^\`\`\`bash ${block}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(text) ?? [];
  if (commands === undefined) throw new Error(`docs/${page} has no block "bash ${block}"`);
  const PATH = `${dirname(kubectl)}:${String(process.env['PATH'])}`;
  const env = { ...process.env, PATH, KUBECONFIG: kubeconfig };
  return (await promisify(execFile)('bash', ['-euc', commands], { env })).stdout;
}
