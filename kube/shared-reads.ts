/**
 * While a read of a path is running, all further callers for that path share the next read. Hundreds of steps that read
 * the same Namespace or credential Secret at once cost the API server a few requests instead of hundreds, and each
 * caller still gets an answer from after its call.
 *
 * A caller that stops waiting does not abort a read that others wait for.
 */
export class SharedReads<T> {
  readonly #read: (path: string) => Promise<T>;
  readonly #running = new Map<string, { readonly current: Promise<T>; next?: Promise<T> }>();

  constructor(read: (path: string) => Promise<T>) {
    this.#read = read;
  }

  /**
   * Returns the state of the server at some moment after this call.
   * @throws what the read throws
   */
  async get(path: string): Promise<T> {
    const running = this.#running.get(path);
    if (running === undefined) return await this.#start(path);
    const start = (): Promise<T> => this.#start(path);
    // The outcome of the running read does not matter: that read started before this call.
    running.next ??= running.current.then(start, start);
    return await running.next;
  }

  async #start(path: string): Promise<T> {
    const running: { current: Promise<T>; next?: Promise<T> } = { current: this.#read(path) };
    this.#running.set(path, running);
    try {
      return await running.current;
    } finally {
      // If `next` is set, it starts now and replaces this entry.
      if (running.next === undefined) this.#running.delete(path);
    }
  }
}
