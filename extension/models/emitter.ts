/** Reports from what is built first to what is built later: the emitter exists before anyone listens. */

/** Notifies all current listeners. Reports before anyone listens are lost. */
interface Emitter<News extends unknown[]> {
  tell(...news: News): void;
  /** For the life of the emitter: there is no way to stop listening. */
  listen(listener: (...news: News) => void): void;
}

/** An emitter that no one listens to yet. */
export function createEmitter<News extends unknown[]>(): Emitter<News> {
  const listeners: ((...news: News) => void)[] = [];
  return {
    tell(...news) {
      for (const listener of listeners) listener(...news);
    },
    listen(listener) {
      listeners.push(listener);
    },
  };
}
