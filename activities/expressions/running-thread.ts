import { Worker } from 'node:worker_threads';
import type { Reply, Task } from './task.ts';

/** The limits of a thread. Below them are those of the expressions themselves (`kinds/mapping/cel-limits.ts`). */
const THREAD_LIMITS = {
  /** For one expression. */
  expressionMs: 150,
  /** For all expressions of a resource. */
  taskMs: 500,
  /** For the code of a new thread to load, on a busy machine. */
  startMs: 30_000,
  heapMb: 128,
} as const;

/** An expression failed, or exceeded a limit. The message contains no value of a secret. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  /** The path in `operatorSpec`; empty if the failure is not of a single expression. */
  readonly field: string;
  readonly limit: boolean;

  constructor({ field, message, limit }: { field: string; message: string; limit: boolean }) {
    super(message);
    this.field = field;
    this.limit = limit;
  }
}

/** A thread, and the task that it works on. A task that exceeds a limit ends the thread. */
export class RunningThread {
  readonly #worker: Worker;
  readonly #started: Promise<void>;
  #isAlive = true;
  #onReply: (reply: Reply) => void = () => undefined;
  #onEnd: (error: Error) => void = () => undefined;

  constructor() {
    this.#worker = new Worker(new URL('./thread.ts', import.meta.url), {
      name: 'expressions',
      // An expression cannot read them, and should it ever get out of the evaluator, there is no credential.
      env: {},
      execArgv: ['--no-warnings'],
      resourceLimits: { maxOldGenerationSizeMb: THREAD_LIMITS.heapMb, maxYoungGenerationSizeMb: 4, stackSizeMb: 2 },
    });
    this.#worker.on('message', (reply: Reply) => this.#onReply(reply));
    this.#worker.on('error', (error: Error) => this.#ended(error));
    this.#worker.on('exit', () => this.#ended(new Error('the thread ended')));
    this.#started = this.#reply({ ms: THREAD_LIMITS.startMs, isLast: ({ type }) => type === 'ready' }).then(() => {});
    // `run` reports it.
    this.#started.catch(() => undefined);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** @throws ExpressionError */
  async run(task: Task): Promise<Reply> {
    this.#worker.ref();
    try {
      await this.#started;
      const reply = this.#reply({ ms: THREAD_LIMITS.taskMs, isLast: ({ type }) => type !== 'next' });
      this.#worker.postMessage(task);
      return await reply;
    } finally {
      // An idle thread does not keep the process alive.
      this.#worker.unref();
    }
  }

  async end(): Promise<void> {
    this.#isAlive = false;
    await this.#worker.terminate();
  }

  /** Waits for the last reply; terminates the thread if it does not come in time. */
  async #reply({ ms, isLast }: { ms: number; isLast: (reply: Reply) => boolean }): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    let field = '';
    const exceeded = (message: string): void => {
      reject(new ExpressionError({ field, message, limit: true }));
      void this.end();
    };
    const all = setTimeout(() => exceeded(`all expressions together took longer than ${String(ms)} ms`), ms);
    let one: NodeJS.Timeout | undefined;
    this.#onReply = (reply) => {
      clearTimeout(one);
      if (isLast(reply)) return resolve(reply);
      if (reply.type !== 'next') return;
      field = reply.field;
      const limit = THREAD_LIMITS.expressionMs;
      one = setTimeout(() => exceeded(`the expression took longer than ${String(limit)} ms`), limit);
    };
    this.#onEnd = (error) => reject(endError(error, field));
    if (!this.#isAlive) reject(new Error('the thread ended'));
    try {
      return await promise;
    } finally {
      clearTimeout(all);
      clearTimeout(one);
      this.#onReply = () => undefined;
      this.#onEnd = () => undefined;
    }
  }

  #ended(error: Error): void {
    this.#isAlive = false;
    this.#onEnd(error);
  }
}

/** The message of any other error is not shown: it may contain a value. */
function endError(error: Error, field: string): ExpressionError {
  const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  const message = isMemory
    ? `the expression needs more than ${String(THREAD_LIMITS.heapMb)} MB of memory`
    : 'the thread that evaluates expressions ended';
  return new ExpressionError({ field, message, limit: isMemory });
}
