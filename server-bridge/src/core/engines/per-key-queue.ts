/** A queue for each key: work on the same key runs one task after the other within this process. */

/** Queues of work, one per key. */
interface PerKeyQueue {
  /** Runs `work` after all earlier work on this key has finished, successfully or not. */
  take<Result>(key: string, work: () => Promise<Result>): Promise<Result>;
}

/** Empty queues. A key is forgotten when its last work has finished. */
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
