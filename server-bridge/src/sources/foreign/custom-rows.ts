/**
 * The sessions of an app's own table, through the app's functions: found only under exactly the key that was asked for. A
 * function that fails is named in the error, its message is not: it may contain values.
 */
import { isSessionError, SessionError } from "../../core/errors.ts";
import type { StoredView } from "../source.ts";
import { askApp } from "./custom-calls.ts";
import { readRow, toView } from "./custom-row.ts";

/** The app's functions that find a session. */
interface Finders {
  name: string;
  toKey(cookie: string): unknown;
  load(key: string): unknown;
}

/** The app's sessions. What fails rejects with a SessionError. */
export interface CustomRows {
  /** The key of a cookie's decoded value; a promise if the app's function returns one, or fails. */
  keyOf(cookie: string): string | null | Promise<string | null>;
  /** The session under exactly this key; null if there is none, or it has expired. */
  find(key: string): Promise<StoredView | null>;
  /** Calls one of the app's functions. */
  ask<T>(method: string, run: () => T | Promise<T>): Promise<T>;
  /** Where `load` returned a value that JSON cannot keep; null: nowhere so far. */
  differsAt(): string | null;
}

/** The sessions behind these functions. */
export function createCustomRows(app: Finders): CustomRows {
  const failed = (method: string, what: string, options?: ErrorOptions) =>
    new SessionError("engine", `customSource(${JSON.stringify(app.name)}): ${method}() ${what}`, options);
  const ask: CustomRows["ask"] = async (method, run) => {
    try {
      return await askApp(run);
    } catch (cause) {
      if (isSessionError(cause)) throw cause;
      throw failed(method, "failed. Correct the error that follows.", { cause });
    }
  };
  const exactness = createExactness((key) => ask("load", async () => app.load(key)));
  let differsAt: string | null = null;

  const checkKey = (key: unknown, cookie: string): string | null => {
    if (key !== null && typeof key !== "string")
      throw failed("toKey", "must return the key as a string, or null for a cookie that your app refuses.");
    if (key !== null) exactness.note(key, cookie);
    return key;
  };

  return {
    ask,
    keyOf(cookie) {
      try {
        const key = askApp(() => app.toKey(cookie));
        return isThenable(key)
          ? ask("toKey", async () => checkKey(await key, cookie))
          : checkKey(key, cookie);
      } catch (error) {
        return ask("toKey", () => Promise.reject(error));
      }
    },
    async find(key) {
      const given = await ask("load", async () => app.load(key));
      const row = await ask("load", () => readRow(given));
      if (typeof row === "string") throw failed("load", `returned something else than a session. ${row}`);
      if (row === null || (row.key !== undefined && row.key !== key)) return null;
      if (row.key === undefined && !(await exactness.holds(key)))
        throw failed(
          "load",
          "also finds a session under a key in other letters, or with a blank after it. Return the stored key too: { key, data, expiresAt }.",
        );
      differsAt = row.differsAt ?? differsAt;
      const isOver = row.expiresAtMs !== null && row.expiresAtMs <= Date.now();
      return isOver ? null : toView(key, row);
    },
    differsAt: () => differsAt,
  };
}

/**
 * Whether the app's table knows a key only as it is written. This matters only where the caller chooses its letters,
 * because the key is a part of the cookie, or the cookie of the key.
 */
function createExactness(load: (key: string) => Promise<unknown>) {
  let isChosen = false;
  let isExact = false;
  return {
    note(key: string, cookie: string): void {
      if (isChosen || key === "") return;
      const isPart = Math.min(key.length, cookie.length) >= LEAST_PART;
      isChosen = key === cookie || (isPart && (cookie.includes(key) || key.includes(cookie)));
    },
    /** @param key one that the table has */
    async holds(key: string): Promise<boolean> {
      if (!isChosen || isExact) return true;
      const others = [swapCase(key), `${key} `].filter((other) => other !== key);
      // a column of another type may refuse such a key: then it does not know it
      const found = await Promise.all(others.map((other) => load(other).catch(() => null)));
      if (found.some((one) => one !== null && one !== undefined)) return false;
      isExact = others.length > 1;
      return true;
    },
  };
}

/** Shorter ones are parts of each other by chance. */
const LEAST_PART = 8;

function swapCase(text: string): string {
  return [...text]
    .map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
    .join("");
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof Object(value).then === "function";
}
