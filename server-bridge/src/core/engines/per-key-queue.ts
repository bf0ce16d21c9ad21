/** A queue for each key: work on the same key runs one after the other within this process. */

/** Queues of work, each under its key. */
interface PerKeyQueue {
  /** Runs `work` when all earlier work on this key has ended, well or badly. */
  take<Result>(key: string, work: () => Promise<Result>): Promise<Result>;
}

/** A queue in which nothing waits. A key is forgotten when its last work has ended. */
export function createPerKeyQueue(): PerKeyQueue {
  const last = new Map<string, Promise<unknown>>();
  return {
    take(key, work) {
      const before = last.get(key);
      const mine = before === undefined ? work() : before.then(work, work);
      last.set(key, mine);
      const leave = () => {
        if (last.get(key) === mine) last.delete(key);
      };
      mine.then(leave, leave);
      return mine;
    },
  };
}
