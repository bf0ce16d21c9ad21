/** A session as an app's function gives it: checked, and copied as JSON. */
import type { StoredView } from "../source.ts";
import type { ForeignData, Shape } from "./follow-request.ts";
import { toPlain } from "./plain-json.ts";

/** A session as the app's functions give it. */
export interface CustomSession {
  /** What the tab shows: plain JSON, without the key and without secrets. */
  data: object;
  /** A Date, milliseconds since 1970, or null if the session lasts until the browser closes. */
  expiresAt: Date | number | null;
  /**
   * The key as it is stored. Give it if your database ignores case or blanks at the end, as MySQL and MariaDB do: the
   * session is then shown only for exactly this key.
   */
  key?: string;
}

/** A session that was checked. */
interface CustomRow {
  /** As it is stored; undefined if the app does not say. */
  key: string | undefined;
  /** A copy. */
  data: ForeignData;
  expiresAtMs: number | null;
  /** Where the app gave a value that JSON cannot keep, so that `data` has another; null if there is none. */
  differsAt: string | null;
}

/** What an app gave, checked; null for no session. Otherwise what is wrong with it, as a sentence without values. */
export function readRow(given: unknown): CustomRow | null | string {
  if (given === null || given === undefined) return null;
  const { data, expiresAt, key }: Record<string, unknown> = Object(given);
  if (typeof data !== "object" || data === null || Array.isArray(data)) return NO_DATA;
  const expiresAtMs = readMoment(expiresAt);
  if (typeof expiresAtMs === "string") return expiresAtMs;
  if (key !== undefined && typeof key !== "string") return "The key is not a string.";
  const copied = toPlain(data);
  if (!isRecord(copied)) return NO_DATA; // it had a `toJSON` of another kind
  return { key, data: copied, expiresAtMs, differsAt: findUnplain(data, "") };
}
const NO_DATA = "Give { data, expiresAt }, where data is an object, or null if there is no session.";

/** Numbers below are dates before March 1973, so they were meant as seconds. */
const LEAST_MS = 100_000_000_000;

function readMoment(given: unknown): number | null | string {
  if (given === null) return null;
  const moment = given instanceof Date ? given.getTime() : given;
  if (typeof moment !== "number" || !Number.isFinite(moment))
    return "expiresAt must be a Date, milliseconds since 1970, or null.";
  if (typeof given === "number" && given > 0 && given < LEAST_MS)
    return "expiresAt looks like seconds since 1970. Multiply it by 1000.";
  return moment;
}

/** The place of the first value that JSON returns as something else, such as a Date, or deeper than it is worth to look. */
function findUnplain(value: unknown, at: string): string | null {
  if (value === undefined || value === null || typeof value === "string" || typeof value === "boolean")
    return null;
  if (typeof value === "number") return Number.isFinite(value) ? null : at;
  if (Array.isArray(value)) return findFirst(value.entries(), at);
  if (!isRecord(value) || typeof value["toJSON"] === "function") return at;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain ? findFirst(Object.entries(value), at) : at;
}

function findFirst(entries: Iterable<[string | number, unknown]>, at: string): string | null {
  for (const [name, value] of entries) {
    const found = findUnplain(value, at === "" ? String(name) : `${at}.${name}`);
    if (found !== null) return found;
  }
  return null;
}

function isRecord(value: unknown): value is ForeignData {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A checked session as the calls of the app's code carry it. */
export function toCallData({ data, expiresAtMs }: CustomRow): ForeignData {
  return { data, expiresAtMs };
}

/** The shape of that. */
export const ROW_SHAPE: Shape = {
  toJson: ({ data }) => JSON.stringify(data),
  toStored: ({ data }) => toSorted(data),
  readEnd: ({ expiresAtMs }) => (typeof expiresAtMs === "number" ? expiresAtMs : null),
};

/** A checked session, seen from outside any request. */
export function toView(key: string, { data, expiresAtMs }: CustomRow): StoredView {
  return {
    key,
    json: JSON.stringify(data),
    stored: toSorted(data),
    expiresAtMs,
    atBrowserClose: expiresAtMs === null,
    ageSeconds: 0, // only the app knows the whole period
  };
}

/** JSON with the keys of every object in order: an app may return the same session in another order. */
function toSorted(data: unknown): string {
  return JSON.stringify(data, (_, value) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
}
