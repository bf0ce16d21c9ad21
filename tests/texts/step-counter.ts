/**
 * Counts the work of code in steps, not in time: a step is a function call, a loop iteration, or a character or
 * element that a built-in method visits.
 *
 * What a built-in visits is computed from its arguments and its result. Two things are not seen: how far a sticky
 * pattern got before it failed, and joining strings with `+`, which the engine defers.
 */

/** Thrown if more steps were taken than are allowed. It is thrown again at every further step, so it cannot be swallowed. */
export class TooManySteps extends Error {
  override readonly name = "TooManySteps";
}

/** What instrumented code adds to. */
export interface StepCounter {
  taken: number;
  limit: number;
  /** Called by instrumented code once it exceeds the limit. */
  stop(): never;
}

/** The counter, under the name by which instrumented code finds it. */
export const counter: StepCounter = {
  taken: 0,
  limit: Number.POSITIVE_INFINITY,
  stop() {
    throw new TooManySteps(`more than ${counter.limit} steps`);
  },
};

/** The methods that are counted. Instrumented code calls each under its name with `$` in front. */
export const METHODS: ReadonlySet<string> = new Set(
  (
    "indexOf includes lastIndexOf startsWith endsWith slice substring substr split replace replaceAll match matchAll " +
    "search trim trimStart trimEnd normalize toLowerCase toUpperCase toWellFormed isWellFormed padStart padEnd repeat " +
    "concat localeCompare exec test map filter flatMap flat find findIndex findLast some every reduce forEach join sort " +
    "toSorted reverse toReversed shift unshift splice fill get set has add delete parse stringify keys entries values " +
    "fromEntries from assign decode encode"
  ).split(" "),
);

const PLAIN: readonly ((text: string) => unknown)[] = [
  decodeURIComponent,
  encodeURIComponent,
  decodeURI,
  encodeURI,
  atob,
  btoa,
  String,
];

/** The functions without an object that are counted. */
export const FUNCTIONS: ReadonlySet<string> = new Set(PLAIN.map(({ name }) => name));

/** What instrumented code uses in addition to the counter. */
export const operations = {
  /** `one === other`: the engine compares strings of equal length character by character. */
  same(one: unknown, other: unknown): boolean {
    const isSame = one === other;
    if (typeof one === "string" && typeof other === "string" && one.length === other.length)
      walk(isSame ? one.length : commonLength(one, other));
    return isSame;
  },
  /** `...list` in a list or a call. */
  spread<T>(list: T): T {
    walk(sizeOf(list));
    return list;
  },
  /** `...object` in an object. */
  members<T>(object: T): T {
    if (typeof object === "object" && object !== null) walk(Object.keys(object).length);
    return object;
  },
  /** `new Map(…)`, `new Uint8Array(…)` and the like. */
  made<T>(list: T): T {
    walk(sizeOf(list));
    return list;
  },
  ...Object.fromEntries(PLAIN.map((called) => [called.name, countedFunction(called)])),
};

/** Adds the counted methods next to the built-in ones, where only instrumented code finds them. */
export function installWalks(): void {
  for (const method of METHODS) install(Object.prototype, method, countedMethod(method));
  for (const [prototype, methods] of OFTEN)
    for (const [method, value] of Object.entries(methods)) install(prototype, method, value);
}

function install(prototype: object, method: string, value: unknown): void {
  Object.defineProperty(prototype, `$${method}`, {
    configurable: true,
    writable: true,
    enumerable: false,
    value,
  });
}

const KEYED = {
  get(this: Map<unknown, unknown>, key: unknown) {
    walk(sizeOf(key));
    return this.get(key);
  },
  has(this: ReadonlySet<unknown>, key: unknown) {
    walk(sizeOf(key));
    return this.has(key);
  },
};

/** Methods that are called for every character, separately for each kind of receiver: the general ones take ten times as long. */
const OFTEN: readonly (readonly [prototype: object, methods: object])[] = [
  [
    String.prototype,
    {
      slice(this: string, from?: number, to?: number) {
        const part = this.slice(from, to);
        walk(part.length);
        return part;
      },
      startsWith(this: string, sought: string, from?: number) {
        walk(sought.length);
        return this.startsWith(sought, from);
      },
      includes(this: string, sought: string, from = 0) {
        const at = this.indexOf(sought, from);
        walk((at === -1 ? this.length : at) - Math.min(from, this.length) + 1);
        return at !== -1;
      },
      indexOf(this: string, sought: string, from = 0) {
        const at = this.indexOf(sought, from);
        walk((at === -1 ? this.length : at) - Math.min(from, this.length) + 1);
        return at;
      },
      toLowerCase(this: string) {
        walk(this.length);
        return this.toLowerCase();
      },
    },
  ],
  [Map.prototype, KEYED],
  [Set.prototype, KEYED],
  [
    Array.prototype,
    {
      some(this: unknown[], test: (value: unknown) => boolean) {
        walk(1);
        return this.some(test);
      },
      find(this: unknown[], test: (value: unknown) => boolean) {
        walk(1);
        return this.find(test);
      },
      map(this: unknown[], map: (value: unknown) => unknown) {
        walk(this.length);
        return this.map(map);
      },
    },
  ],
];

function countedFunction(called: (text: string) => unknown): (text: string) => unknown {
  return (text) => {
    walk(sizeOf(text));
    return called(text);
  };
}

function countedMethod(method: string): (...given: unknown[]) => unknown {
  return function counted(this: unknown, ...given: unknown[]): unknown {
    // A method of that name is what it is called for: any but a function would fail without the counter, too.
    const own = (this as Record<string, (...given: unknown[]) => unknown>)[method];
    if (typeof own !== "function") throw new TypeError(`${method} is no method`);
    const from = this instanceof RegExp ? this.lastIndex : 0;
    const before = sizeOf(this);
    const result = own.apply(this, given);
    if (typeof this === "string") walk(walkedInText(method, this, { given, result }));
    else if (this instanceof RegExp) walk(walkedByPattern(this, from, { given, result }));
    else if (this instanceof Map || this instanceof Set) walk(sizeOf(given[0]));
    else if (Array.isArray(this) || ArrayBuffer.isView(this))
      walk(walkedInList(method, before, { given, result }));
    else if (isStatic(this)) walk(sizeOf(given[0]) + sizeOf(result));
    return result;
  };
}

interface Call {
  given: readonly unknown[];
  result: unknown;
}

function walkedInText(method: string, text: string, { given, result }: Call): number {
  const [sought, position] = given;
  const from = typeof position === "number" ? Math.min(Math.max(position, 0), text.length) : 0;
  switch (method) {
    case "indexOf":
      return (result === -1 ? text.length : Number(result)) - from + 1;
    case "lastIndexOf":
      return text.length - Math.max(0, Number(result));
    case "includes": {
      const at = text.indexOf(String(sought), from);
      return (at === -1 ? text.length : at) - from + 1;
    }
    case "startsWith":
    case "endsWith":
      return String(sought).length;
    case "slice":
    case "substring":
    case "substr":
      return sizeOf(result);
    default:
      return text.length + (typeof result === "string" || Array.isArray(result) ? result.length : 0);
  }
}

function walkedByPattern(pattern: RegExp, lastIndex: number, { given, result }: Call): number {
  const text = String(given[0]);
  const from = pattern.global || pattern.sticky ? lastIndex : 0;
  if (result === null || result === false) return pattern.sticky ? 1 : text.length - from + 1;
  if (pattern.global || pattern.sticky) return pattern.lastIndex - from + 1;
  return text.length; // `test` does not say where it stopped
}

function walkedInList(method: string, before: number, { given, result }: Call): number {
  switch (method) {
    case "indexOf":
      return result === -1 ? before : Number(result) + 1;
    case "slice":
    case "concat":
    case "flat":
      return sizeOf(result);
    case "join":
      return before + sizeOf(result);
    case "splice":
      return before - Number(given[0]) + given.length;
    case "entries":
    case "keys":
    case "values":
      return 1; // walked by the loop
    case "find":
    case "findIndex":
    case "findLast":
    case "some":
    case "every":
      return 1; // counted in the given function
    default:
      return before; // a sort's comparisons are counted in the given function
  }
}

/** `JSON`, `Object`, `Array` and what decodes bytes. */
function isStatic(subject: unknown): boolean {
  return typeof subject === "function" || subject === JSON || subject instanceof TextDecoder;
}

function walk(steps: number): void {
  counter.taken += steps;
  if (counter.taken > counter.limit) counter.stop();
}

function sizeOf(subject: unknown): number {
  if (typeof subject === "string" || Array.isArray(subject)) return subject.length;
  if (subject instanceof Map || subject instanceof Set) return subject.size;
  return ArrayBuffer.isView(subject) && "length" in subject ? Number(subject.length) : 1;
}

/** How many characters of two strings of equal length are the same. */
function commonLength(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one.charCodeAt(at) === other.charCodeAt(at)) at += 1;
  return at + 1;
}
