/** One engine or store for several `createSessions`, which the library refuses: tests need no second process that way. */
import type { Engine } from "session-bridge";

/** A started engine as another process would have it: on the same store, with its own turns. */
export function elsewhere(engine: Engine): Engine {
  return facade(engine, { start: () => {} });
}

/** A store for one more engine. The settings of the last one hold for all of them. */
export function again<Store extends object>(store: Store): Store {
  return facade(store, {});
}

function facade<Part extends object>(part: Part, instead: Partial<Part>): Part {
  return new Proxy(part, {
    get(_, name) {
      const own: unknown = Reflect.get(instead, name) ?? Reflect.get(part, name);
      return typeof own === "function" ? own.bind(part) : own;
    },
  });
}
