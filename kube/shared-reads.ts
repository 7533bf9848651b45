/**
 * Reads of one path that are asked for while another is running share the next one. Hundreds of steps that read the
 * same Namespace or credential Secret at once cost the API server a few requests instead of hundreds, and each of them
 * still gets what the server said after it asked.
 *
 * A caller that gives up does not end a read that others wait for.
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
    const start = (): Promise<T> => this.#start(path);
    // How the running read ends does not matter: it began before this call.
    running.next ??= running.current.then(start, start);
    return await running.next;
  }

  async #start(path: string): Promise<T> {
    const running: { current: Promise<T>; next?: Promise<T> } = { current: this.#read(path) };
    this.#running.set(path, running);
    try {
      return await running.current;
    } finally {
      // `next` starts now and puts itself in this place.
      if (running.next === undefined) this.#running.delete(path);
    }
  }
}
