import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** A code block of a guide that names a file: `diff FILE` changes it, any other language is the whole of it. */
interface Block {
  readonly file: string;
  readonly isDiff: boolean;
  readonly text: string;
}

/** The blocks of a page in docs/ that name a file. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
  return [...text.matchAll(/^```(\S+) (\S+)\n([\s\S]*?)^```$/gm)].map(([, language, file = '', block = '']) => ({
    file,
    isDiff: language === 'diff',
    text: block,
  }));
}

/** A copy of parts of the repository, in which the changes of a guide are made. */
export class Copy {
  readonly directory = mkdtempSync(join(tmpdir(), 'operator-guide-'));

  constructor(parts: readonly string[]) {
    for (const part of [...parts, 'package.json', 'tsconfig.json', 'jest.config.mjs'])
      cpSync(join(ROOT, part), join(this.directory, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.directory, 'node_modules'));
  }

  read(file: string): string {
    return readFileSync(join(this.directory, file), 'utf8');
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.directory, file)), { recursive: true });
    writeFileSync(join(this.directory, file), text);
  }

  apply(blocks: readonly Block[]): void {
    for (const { file, isDiff, text } of blocks) this.write(file, isDiff ? patched(this.read(file), text, file) : text);
  }

  /** Checks the types of these files and of all that they import. @returns what tsc says: nothing when all is well. */
  async typeErrors(files: readonly string[]): Promise<string> {
    this.write('tsconfig.guide.json', JSON.stringify({ extends: './tsconfig.json', files, include: [] }));
    const { stdout } = await this.node(['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.guide.json']);
    return stdout;
  }

  /** Runs Node in the copy, and gives its output whether it succeeds or not. */
  async node(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    try {
      return await run(process.execPath, [...args], { cwd: this.directory });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return { stdout, stderr };
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Applies a diff without line numbers: each hunk is found by its lines. Hunks are separated by a line `@@`. */
function patched(text: string, diff: string, file: string): string {
  return diff.split(/^@@\n/m).reduce((before, hunk) => {
    const lines = hunk.split('\n').slice(0, -1);
    const side = (sign: string): string =>
      lines
        .filter((line) => !line.startsWith(sign))
        .map((line) => `${line.slice(1)}\n`)
        .join('');
    const [old, wanted] = [side('+'), side('-')];
    const parts = before.split(old);
    if (parts.length !== 2)
      throw new Error(`${file} has these lines ${parts.length - 1} times, the guide needs them once:\n${old}`);
    return parts.join(wanted);
  }, text);
}
