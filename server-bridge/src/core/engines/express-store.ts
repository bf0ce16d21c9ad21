/**
 * Sessions in any store made for `express-session`, for whoever moves from it and keeps his store.
 *
 * Such stores have no compare-and-swap: writers of one process take turns here, those of two processes overwrite each
 * other, as with express-session itself. Data lie beside the store's own member `cookie`, as that library keeps them.
 */

import { parseValue, readContents, writeValue } from "../data/json.ts";
import { SessionError } from "../errors.ts";
import type { End, Engine, EngineContext, Stored, UpdateResult } from "./engine.ts";
import { createTurns } from "./per-key-queue.ts";
import { type RenameSteps, renameInSteps } from "./rename.ts";

/** What is used of a store of `express-session`. */
export interface ExpressStore {
  get(id: string, answer: (error?: unknown, session?: unknown) => void): unknown;
  // `any`, since each store declares the session's type as it likes
  // biome-ignore lint/suspicious/noExplicitAny: a parameter of the stores' own type
  set(id: string, session: any, answer?: (error?: unknown) => void): unknown;
  destroy(id: string, answer?: (error?: unknown) => void): unknown;
}

/** express-session's own, and the moment that session-file-store and its like put beside it. */
const OWN = "cookie";
const OWN_OF_STORES = "__lastAccess";

/**
 * Sessions in a store of `express-session`: `fromExpressStore(new RedisStore({ client }))`.
 *
 * Each new session looks first whether its key is free. session-file-store takes a third of a second to say so, unless
 * it is given `retries: 0`.
 *
 * @param store stays the user's to end
 */
export function fromExpressStore(store: ExpressStore): Engine {
  let context: EngineContext | null = null;
  const turns = createTurns();

  function use(): EngineContext {
    if (context === null)
      throw new SessionError("engine", "The store was asked before the engine was started.");
    return context;
  }

  async function find(key: string): Promise<Stored | null> {
    const session = await ask<unknown>("get", (answer) => store.get(key, answer));
    if (typeof session !== "object" || session === null) return null;
    const stored = toStored(session);
    return stored.expiresAtMs !== null && stored.expiresAtMs <= use().clock() ? null : stored;
  }

  async function put(key: string, text: string, end: End): Promise<void> {
    const session = toSession(text, end, use());
    await ask<void>("set", (answer) => store.set(key, session, answer));
  }

  const destroy = (key: string) => ask<void>("destroy", (answer) => store.destroy(key, answer));

  return {
    name: "express-store",
    format: "json",
    keeping: "stored",
    swaps: false,
    start(given) {
      const fits = ["get", "set", "destroy"].every(
        (method) => typeof Reflect.get(Object(store), method) === "function",
      );
      if (!fits) {
        const remedy = "Pass a store of express-session, for instance new session.MemoryStore().";
        throw new SessionError(
          "settings",
          `fromExpressStore() needs an object with get, set and destroy. ${remedy}`,
        );
      }
      context = given;
    },
    load: find,
    exists: async (key) => (await find(key)) !== null,
    create: (key, text, end) =>
      turns.take(key, async () => {
        if ((await find(key)) !== null) return false;
        await put(key, text, end);
        return true;
      }),
    update: (key, text, end, expected) =>
      turns.take(key, async () => {
        const now = await find(key);
        if (now === null) return "gone";
        if (expected !== null && now.text !== expected) return "conflict";
        await put(key, text, end);
        return "saved";
      }),
    rename(key, text, end, oldKey, expected) {
      const take = async (): Promise<UpdateResult> => {
        const now = await find(oldKey);
        if (now === null) return "gone";
        if (expected !== null && now.text !== expected) return "conflict";
        await destroy(oldKey);
        return "saved";
      };
      const steps: RenameSteps = {
        keep: () => this.create(key, text, end),
        take: () => turns.take(oldKey, take),
        drop: () => this.delete(key),
      };
      return renameInSteps(steps, expected);
    },
    delete: (key) => turns.take(key, () => destroy(key)),
    clearExpired: async () => 0, // these stores see to it themselves
  };
}

/** The data's JSON, and the end that the store's `cookie` tells. */
function toStored(session: object): Stored {
  // a session of a store is such a record
  const { [OWN]: cookie, [OWN_OF_STORES]: _, ...data } = { ...session } as Record<string, unknown>;
  const written = writeValue(data);
  return { text: written?.text ?? "{}", expiresAtMs: readEnd(cookie) };
}

function readEnd(cookie: unknown): number | null {
  if (typeof cookie !== "object" || cookie === null || !("expires" in cookie)) return null;
  const { expires } = cookie;
  if (!(expires instanceof Date) && typeof expires !== "string") return null;
  const ms = new Date(expires).getTime();
  return Number.isNaN(ms) ? null : ms;
}

/** The data with a `cookie` as express-session makes it: stores read the end from `expires`, `maxAge` or `originalMaxAge`. */
function toSession(text: string, end: End, { settings, clock }: EngineContext): object {
  // large numbers as bigints only where digits would be lost: most stores cannot write those
  const data = parseValue(text, readContents(text)?.plain === true);
  const isData = typeof data === "object" && data !== null;
  const taken = isData ? [OWN, OWN_OF_STORES].find((name) => name in data) : OWN;
  if (!isData || taken !== undefined) {
    throw new SessionError(
      "engine",
      `In a store of express-session the name "${taken}" is the library's own. Keep that value under another name.`,
    );
  }
  const expires = new Date(Math.min(end.expiresAtMs, 8.64e15));
  const cookie = {
    originalMaxAge: end.ageSeconds * 1000,
    expires,
    path: settings.cookiePath,
    httpOnly: settings.cookieHttpOnly,
    secure: settings.cookieSecure,
  };
  Object.defineProperty(cookie, "maxAge", { get: () => expires.getTime() - clock() });
  return { ...data, [OWN]: cookie };
}

/**
 * What a store of files answers where there is no session, and others answer nothing.
 *
 * @source expressjs/session index.js: `if (err && err.code !== 'ENOENT')`
 */
function isAbsence(error: unknown): boolean {
  return Reflect.get(Object(error), "code") === "ENOENT"; // a store may reject with what is no Error
}

async function ask<Answer>(
  what: "get" | "set" | "destroy",
  question: (answer: (error?: unknown, value?: Answer) => void) => unknown,
): Promise<Answer> {
  try {
    return await new Promise<Answer>((resolve, reject) => {
      // A store that finds nothing gives undefined, which then is the answer.
      const returned = question((error, value) => (error ? reject(error) : resolve(value as Answer)));
      // Some stores return promises too, and some of those forget the callback when they fail.
      if (returned instanceof Promise) returned.catch(reject);
    });
  } catch (cause) {
    if (what !== "set" && isAbsence(cause)) return undefined as Answer; // what a store says that finds nothing
    throw new SessionError(
      "engine",
      `The store's ${what} failed; \`cause\` says why. Check the store and its server.`,
      {
        cause,
      },
    );
  }
}
