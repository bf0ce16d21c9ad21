/**
 * The bridge's source for an app's own sessions, in whatever table the app has made for them: the app's functions say
 * which key a cookie is for, and load, store and delete a session.
 */
import { SessionError } from "../core/errors.ts";
import { decodeText } from "../protocol/secrets/index.ts";
import { type CustomCalls, createCustomCalls } from "./foreign/custom-calls.ts";
import { type CustomSession, ROW_SHAPE } from "./foreign/custom-row.ts";
import { createCustomRows } from "./foreign/custom-rows.ts";
import { type CustomDelete, type CustomSave, createCustomWrites } from "./foreign/custom-writes.ts";
import { rowSource } from "./foreign/row-source.ts";
import type { Source } from "./source.ts";

export type { CustomCalls } from "./foreign/custom-calls.ts";
export type { CustomSession } from "./foreign/custom-row.ts";
export type { CustomDelete, CustomSave, StoredSession } from "./foreign/custom-writes.ts";

/** The app's own functions. Each of the last three brings something that the tab can then do: `CustomCapability`. */
export interface CustomSourceOptions {
  /** What the tab calls these sessions, such as `session table`. */
  name: string;
  /** Name of the cookie that shows which session a visitor has. */
  cookieName: string;
  /**
   * The key of the session that this cookie is for, by the same steps as in your app: compute the hash, check the
   * signature or the secret. Null for a cookie that your app would refuse. There is no default, because the bridge shows
   * a session to everyone for whose cookie this returns its key.
   *
   * @param cookie the cookie's value, percent-decoded
   */
  toKey(cookie: string): string | null | Promise<string | null>;
  /** The session under a key; null if there is none. It must not prolong or change the session. */
  load(key: string): CustomSession | null | undefined | Promise<CustomSession | null | undefined>;
  /** Stores a session under a key, also if none is there now. */
  save?: CustomSave;
  /** Deletes the session under a key. */
  delete?: CustomDelete;
  /**
   * Called once, with what your app then calls when it loads, stores or deletes a session. Return a function that ends
   * this.
   */
  watch?(told: CustomCalls): () => void;
}

/**
 * What the tab can do, by the functions that are given: `load` shows a session, `save` edits its values and its expiry,
 * `delete` flushes it, both together put a snapshot back, and `watch` brings traces.
 */
export type CustomCapability<Options> =
  | "read"
  | (Has<Options, "save"> extends true ? "edit" | "expiry" : never)
  | (Has<Options, "delete"> extends true ? "flush" : never)
  | (Has<Options, "save"> extends true ? (Has<Options, "delete"> extends true ? "restore" : never) : never)
  | (Has<Options, "watch"> extends true ? "traces" : never);

/** True if a function of that name is among the options, or may be. */
type Has<Options, Name extends string> = Name extends keyof Options
  ? [Extract<Options[Name], (...given: never) => unknown>] extends [never]
    ? false
    : true
  : false;

/** A source whose capabilities are known to the type checker. */
export type CustomSource<Options> = Source & { readonly capabilities: readonly CustomCapability<Options>[] };

const FUNCTIONS = ["toKey", "load", "save", "delete", "watch"] as const;
const REQUIRED: Record<string, string> = {
  name: 'Pass what the tab calls these sessions, such as "session table".',
  cookieName: "Pass the name of your session cookie.",
  toKey:
    "Pass a function that returns the key of the session that a cookie is for, by the same steps as in your app. There is no default, because the bridge shows a session to everyone for whose cookie toKey() returns its key.",
  load: "Pass a function that returns { data, expiresAt } for a key, or null.",
};

/**
 * A source for sessions in the app's own table: `openBridge(customSource({ name, cookieName, toKey, load }))`.
 *
 * @throws SessionError `settings` when one of these is missing, or an option is not known
 */
export function customSource<const Options extends CustomSourceOptions>(
  options: Options,
): CustomSource<Options> {
  checkOptions(options);
  const { name, cookieName } = options;
  const rows = createCustomRows(options);
  const keyOf = (cookie: string) => rows.keyOf(decodeText(cookie));
  const source = rowSource({
    library: name,
    cookieName,
    proof: { by: "row", keyOf, isStored: async (key) => (await rows.find(key)) !== null },
    keyOf,
    shape: ROW_SHAPE,
    async read(key) {
      const view = await rows.find(key);
      return view ? { found: true, view } : { found: false, reason: "unknown" };
    },
    writes: createCustomWrites(rows, options),
    traces: options.watch !== undefined,
  });
  const { observe } = source;
  const watched: Source =
    options.watch === undefined || observe === undefined
      ? source
      : {
          ...source,
          observe(observer) {
            const stop = observe(observer);
            const unwatch = options.watch?.(createCustomCalls(name));
            return () => {
              if (typeof unwatch === "function") unwatch();
              stop();
            };
          },
        };
  return watched as CustomSource<Options>; // the capabilities follow from the same functions; a test compares both
}

/** An app in JavaScript may pass anything. */
function checkOptions(options: unknown): void {
  const given = new Map<string, unknown>(Object.entries(Object(options)));
  for (const [option, step] of Object.entries(REQUIRED)) {
    if (!given.get(option)) throw new SessionError("settings", `customSource() needs ${option}. ${step}`);
  }
  for (const [option, value] of given) {
    const isFunction = FUNCTIONS.some((known) => known === option);
    if (!isFunction && REQUIRED[option] === undefined)
      throw new SessionError(
        "settings",
        `customSource() does not know ${JSON.stringify(option.slice(0, 40))}. It takes name, cookieName, ${FUNCTIONS.join(", ")}.`,
      );
    const wanted = isFunction ? "function" : "string";
    if (value !== undefined && typeof value !== wanted)
      throw new SessionError("settings", `customSource(): ${option} is not a ${wanted}. Pass a ${wanted}.`);
  }
}
