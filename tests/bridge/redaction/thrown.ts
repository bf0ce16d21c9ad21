/** What stores and drivers throw, with the test's string in every place where an error can contain one. */

const KINDS: readonly ((secret: string) => unknown)[] = [
  (secret) => new Error(secret),
  (secret) => new SyntaxError(`Unexpected token 'h', "${secret}" is not valid JSON`),
  (secret) => new Error(`first line\n${secret}\n    at ${secret}\n    at /${secret}:1:1`),
  (secret) => secret,
  (secret) => ({ message: secret }),
  (secret) => Object.assign(new Error("failed"), { code: secret, detail: secret, hint: secret }),
  (secret) => Object.assign(new Error("failed"), { name: secret }),
  (secret) => new Error("failed", { cause: new Error(secret, { cause: secret }) }),
  (secret) => new AggregateError([new Error(secret)], secret),
  (secret) => Object.assign(new Error(secret), { stack: `Error: another\n    at /${secret}:1:1` }),
  (secret) => Object.assign(new Error("failed"), { message: `changed: ${secret}` }),
  (secret) =>
    new (class extends Error {
      override name = `${secret}`;
    })(`WRONGPASS ${secret}`),
  (secret) =>
    new Proxy(new Error(secret), {
      get() {
        throw new Error(secret);
      },
    }),
];

/** How many kinds there are. */
export const THROWN_KINDS = KINDS.length;

/** What kind number `which` throws; starts again from the first after the last. */
export function toThrown(secret: string, which: number): unknown {
  return KINDS[which % KINDS.length]?.(secret);
}

/** Throws it. */
export function throwing(secret: string, which: number): never {
  throw toThrown(secret, which);
}
