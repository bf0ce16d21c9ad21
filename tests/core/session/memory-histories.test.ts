/** Random histories of the sessions of users, in memory. */
import { cache, memory } from "session-bridge";
import { describeHistories } from "./devices-histories.ts";

describeHistories(
  "memory",
  async () => {
    const store = memory();
    const keys = new Set<string>();
    const add = store.add.bind(store);
    store.add = (name, text, timeoutSeconds) => {
      keys.add(name);
      return add(name, text, timeoutSeconds);
    };
    const engine = cache(store);
    const forget = (key: string) => {
      keys.delete(`${start}${key}`);
      return [];
    };
    const start = ":1:django.contrib.sessions.cache".length;
    return {
      isPrivate: true,
      open: () => ({ engine, steps: [[store, ["add", "swap", "delete"]]] }),
      async rows() {
        const found = await Promise.all(
          [...keys].map(async (name) => ({ key: name.slice(start), stored: await store.inspect(name) })),
        );
        return found.flatMap(({ key, stored }) => (stored === null ? forget(key) : [{ key, ...stored }]));
      },
      close: async () => {},
    };
  },
  300,
);
