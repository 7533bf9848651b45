import type { JsonObject, SpecProblem } from '../../kinds/contract.ts';
import { CEL_LIMITS } from '../../kinds/mapping/cel-limits.ts';
import type { CelResult } from '../../kinds/mapping/cel.ts';
import { hasExpressions } from '../../kinds/mapping/spec-problems.ts';
import { ExpressionError, RunningThread } from './running-thread.ts';
import type { ExpressionItem, Reply, Task } from './task.ts';

/** Checks and evaluates expressions, away from the event loop of the worker. */
export interface Expressions {
  /**
   * What is wrong with the expressions of `operatorSpec`.
   * @throws ExpressionError when the check exceeds a limit
   */
  problems(operatorSpec: JsonObject): Promise<readonly SpecProblem[]>;
  /**
   * The results in the order of the items.
   * @throws ExpressionError
   */
  evaluate(self: JsonObject, items: readonly ExpressionItem[]): Promise<readonly CelResult[]>;
}

const MOST_THREADS = 2;
const IDLE_MS = 30_000;

/**
 * The threads of a worker: none until the first expression, at most two, and none after 30 s without an expression. A
 * task waits for a free thread; its time counts from when a thread begins it.
 */
export class ExpressionThreads implements Expressions {
  readonly #idle = new Map<RunningThread, NodeJS.Timeout>();
  readonly #waiting: ((thread: RunningThread) => void)[] = [];
  #count = 0;

  /** The number of threads that exist. */
  get count(): number {
    return this.#count;
  }

  async problems(operatorSpec: JsonObject): Promise<readonly SpecProblem[]> {
    if (!hasExpressions(operatorSpec)) return [];
    const reply = await this.#run({ type: 'problems', operatorSpec: JSON.stringify(operatorSpec) });
    return reply.type === 'problems' ? reply.problems : [];
  }

  async evaluate(self: JsonObject, items: readonly ExpressionItem[]): Promise<readonly CelResult[]> {
    if (items.length === 0) return [];
    const text = JSON.stringify(self);
    if (text.length > CEL_LIMITS.self) {
      const message = `the resource has ${String(text.length)} characters as JSON, and an expression can read at most ${String(CEL_LIMITS.self)}`;
      throw new ExpressionError({ field: items[0]?.field ?? '', message, limit: true });
    }
    const reply = await this.#run({ type: 'evaluate', self: text, items });
    return reply.type === 'results' ? reply.results : [];
  }

  /** Ends the threads. What they work on fails. */
  async close(): Promise<void> {
    const threads = [...this.#idle.keys()];
    for (const thread of threads) this.#discard(thread);
    await Promise.all(threads.map((thread) => thread.end()));
  }

  async #run(task: Task): Promise<Reply> {
    const thread = await this.#acquire();
    try {
      const reply = await thread.run(task);
      if (reply.type === 'failed') throw new ExpressionError(reply);
      return reply;
    } finally {
      this.#release(thread);
    }
  }

  async #acquire(): Promise<RunningThread> {
    const [free] = this.#idle.keys();
    if (free !== undefined) {
      clearTimeout(this.#idle.get(free));
      this.#idle.delete(free);
      if (free.isAlive) return free;
      this.#count -= 1;
      return await this.#acquire();
    }
    if (this.#count < MOST_THREADS) return this.#start();
    return await new Promise((resolve) => this.#waiting.push(resolve));
  }

  #start(): RunningThread {
    this.#count += 1;
    return new RunningThread();
  }

  #release(thread: RunningThread): void {
    const next = this.#waiting.shift();
    if (!thread.isAlive) {
      this.#count -= 1;
      next?.(this.#start());
      return;
    }
    if (next) return next(thread);
    const timer = setTimeout(() => {
      this.#discard(thread);
      void thread.end();
    }, IDLE_MS);
    this.#idle.set(thread, timer.unref());
  }

  #discard(thread: RunningThread): void {
    clearTimeout(this.#idle.get(thread));
    if (this.#idle.delete(thread)) this.#count -= 1;
  }
}
