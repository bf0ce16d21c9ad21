/**
 * A token that reports which claims the app's `jwt` callback writes, while the callback runs. It stays the same object: a
 * proxy of it could not be cloned, and would be in what the callback returns.
 *
 * Each claim that it has becomes a getter and a setter. For those that it does not have yet, a proxy takes the place of its
 * prototype, because every assignment of a new property asks there first. The end of the callback undoes both.
 */

/** A token that is being watched. */
interface Watch {
  /** How many callbacks run with it. */
  callbacks: number;
  /** Makes it a plain object again. */
  end(): void;
}

const watches = new WeakMap<object, Watch>();

/** How Node's `console.log` asks an object what to print. Without an answer it would print getters in place of values. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * Watches a token for a callback. A token that accepts no new properties is left alone.
 *
 * @param wrote called before each write of a claim, on the stack of the code that does it
 * @returns ends it; as soon as no other callback runs with this token, it is a plain object again
 */
export function watchToken(token: object, wrote: (key: string) => void): () => void {
  if (!Object.isExtensible(token)) return () => {};
  const watch = watches.get(token) ?? beginWatch(token, wrote);
  watches.set(token, watch);
  watch.callbacks += 1;
  return () => {
    watch.callbacks -= 1;
    if (watch.callbacks > 0) return;
    watches.delete(token);
    watch.end();
  };
}

function beginWatch(token: object, wrote: (key: string) => void): Watch {
  let isOpen = true;
  const tell = (key: string | symbol) => {
    if (isOpen && typeof key === "string") wrote(key);
  };
  const restoreClaims = Object.keys(token).map((key) => watchClaim(token, key, tell));
  const restorePrototype = watchNewClaims(token, tell);
  return {
    callbacks: 0,
    end() {
      isOpen = false;
      restorePrototype();
      for (const restore of restoreClaims) restore();
    },
  };
}

/** Returns a function that makes the claim a plain property again, if the callback has neither deleted nor redefined it. */
function watchClaim(token: object, key: string, tell: (key: string) => void): () => void {
  const before = Reflect.getOwnPropertyDescriptor(token, key);
  if (before?.configurable !== true || before.writable !== true) return () => {};
  let value: unknown = before.value;
  const get = () => value;
  function set(this: unknown, next: unknown): void {
    if (this === token) {
      tell(key);
      value = next;
      return;
    }
    // an object that inherits from the token, or has a copy of its properties, gets a plain one
    if (typeof this !== "object" || this === null) return;
    Reflect.defineProperty(this, key, { value: next, writable: true, enumerable: true, configurable: true });
  }
  Reflect.defineProperty(token, key, { get, set, enumerable: true, configurable: true });
  return () => {
    const now = Reflect.getOwnPropertyDescriptor(token, key);
    if (now?.get !== get) return;
    const enumerable = now.enumerable === true;
    Reflect.defineProperty(token, key, { value, writable: true, enumerable, configurable: true });
  };
}

/** Returns a function that gives the token its prototype back. */
function watchNewClaims(token: object, tell: (key: string | symbol) => void): () => void {
  const prototype = Reflect.getPrototypeOf(token);
  // only a plain object, of whatever realm; the traps below need a prototype that can be extended
  if (prototype === null || Reflect.getPrototypeOf(prototype) !== null || !Object.isExtensible(prototype))
    return () => {};
  const between = new Proxy(prototype, {
    set(target, key, value, receiver) {
      if (receiver === token) tell(key);
      return Reflect.set(target, key, value, receiver); // a plain property of the token
    },
    get(target, key, receiver) {
      if (key === INSPECT && receiver === token) return () => ({ ...token });
      return Reflect.get(target, key, receiver);
    },
    // a plain object is one whose prototype has no prototype; and it is an instance of Object
    getPrototypeOf: (target) => (isAskedByFunction() ? null : target),
  });
  Reflect.setPrototypeOf(token, between);
  return () => {
    if (Reflect.getPrototypeOf(token) === between) Reflect.setPrototypeOf(token, prototype);
  };
}

/** Node's own functions that return a prototype, on the stack. */
const ASKING = /(?:getPrototypeOf|__proto__) \(<anonymous>\)$/;

/**
 * True if code asks for a prototype, to see it. `instanceof` and `isPrototypeOf` do not: they search for one, and find
 * `Object.prototype` only if the proxy leads to it.
 */
function isAskedByFunction(): boolean {
  const here: { stack?: unknown } = {};
  Error.captureStackTrace?.(here); // not a string if the app has its own `prepareStackTrace`
  const { stack } = here;
  return typeof stack !== "string" || stack.split("\n", 4).some((line) => ASKING.test(line));
}
