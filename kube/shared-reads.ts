/**
 * Reads of one path that are asked for while another is under way share the next one. Hundreds of steps that read the same Namespace or credential Secret
 * at once cost the API server a few requests instead of hundreds, and each of them still gets what the server said after it asked.
 *
 * A shared read is nobody's own: a caller that gives up leaves it to the others.
 */
export class SharedReads<T> {
  readonly #read: (path: string) => Promise<T>;
  readonly #running = new Map<string, { readonly current: Promise<T>; next?: Promise<T> }>();

  constructor(read: (path: string) => Promise<T>) {
    this.#read = read;
  }

  /** What the server holds at `path` at some moment after this call. @throws what the read throws */
  async get(path: string): Promise<T> {
    const running = this.#running.get(path);
    if (running === undefined) return await this.#start(path);
    running.next ??= running.current.then(
      async () => await this.#start(path),
      async () => await this.#start(path),
    );
    return await running.next;
  }

  async #start(path: string): Promise<T> {
    const current = this.#read(path);
    const running: { current: Promise<T>; next?: Promise<T> } = { current };
    this.#running.set(path, running);
    try {
      return await current;
    } finally {
      // With a `next`, that one takes the place.
      if (running.next === undefined) this.#running.delete(path);
    }
  }
}
