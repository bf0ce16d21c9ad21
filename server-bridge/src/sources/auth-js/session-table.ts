/**
 * Sessions that Auth.js keeps in a database: read and changed through the app's own adapter, from outside any request.
 *
 * Adapters have no compare-and-swap: a write by the app between reading and writing goes unnoticed.
 */
import type { ExpiryChange } from "../../protocol/messages.ts";
import type { ForeignData, Shape } from "../foreign/follow-request.ts";
import { refuseRestore, toResult, unfit } from "../foreign/write-results.ts";
import type { ProvenKey, ReadResult, Source, StoredView, WriteResult } from "../source.ts";
import { type AuthJsAdapter, ownMethods, toSession } from "./adapter.ts";

/** The database's own names of a session: the cookie's value, when it expires, and the row. */
const OWN = ["sessionToken", "expires", "id"];

/** The session's own fields, and its user as the library reads it with the session. */
export const AUTH_SHAPE: Shape = {
  toJson: (data) => JSON.stringify(withoutOwn(data)),
  // a new session's columns come in another order than those of one that was read
  toStored: (data) => JSON.stringify(withoutOwn(data), sortKeys),
  readEnd: ({ expires }) => readDate(expires),
};

/** What the bridge does with the table. */
interface SessionTable {
  isStored(key: string): Promise<boolean>;
  read(key: ProvenKey): Promise<ReadResult>;
  writes: Partial<Pick<Source, "changeExpiry" | "flush" | "restore">>;
}

/** A table behind an adapter. What the adapter cannot do is absent. */
export function createSessionTable(adapter: AuthJsAdapter): SessionTable {
  const own = ownMethods(adapter);
  const find = async (key: string): Promise<StoredView | null> => {
    const data = toSession(await own.getSessionAndUser?.(key));
    // some databases compare without case, or without spaces at the end
    if (data === null || data["sessionToken"] !== key) return null;
    const expiresAtMs = AUTH_SHAPE.readEnd(data);
    // the library deletes an expired session as soon as someone shows its cookie
    if (expiresAtMs === null || expiresAtMs < Date.now()) return null;
    const json = AUTH_SHAPE.toJson(data);
    return {
      key,
      json,
      stored: AUTH_SHAPE.toStored(data),
      expiresAtMs,
      atBrowserClose: false,
      ageSeconds: 0,
    };
  };
  return {
    isStored: async (key) => (await find(key)) !== null,
    async read(key) {
      const view = await find(key);
      return view ? { found: true, view } : { found: false, reason: "unknown" };
    },
    writes: createWrites(own, find),
  };
}

type Find = (key: string) => Promise<StoredView | null>;

function createWrites(
  { createSession, updateSession, deleteSession }: AuthJsAdapter,
  find: Find,
): SessionTable["writes"] {
  const write = async (
    key: ProvenKey,
    ifStored: string,
    change: (before: StoredView) => unknown,
  ): Promise<WriteResult> => {
    const before = await find(key);
    if (!before) return { ok: false, reason: "gone" };
    if (before.stored !== ifStored) return { ok: false, reason: "conflict", now: before };
    await change(before);
    return withCookie(before, await find(key));
  };
  const flush: Source["flush"] =
    deleteSession && ((key, ifStored) => write(key, ifStored, () => deleteSession(key)));
  const changeExpiry: Source["changeExpiry"] =
    updateSession &&
    (async (key, change, ifStored) => {
      const now = change.kind === "shift" ? await find(key) : null;
      const end = toEnd(change, now?.expiresAtMs ?? Date.now());
      if (end === null) return unfit("Auth.js stores a time for every session. Use seconds instead.");
      return write(key, ifStored, () => updateSession({ sessionToken: key, expires: new Date(end) }));
    });
  const restore: Source["restore"] =
    createSession &&
    deleteSession &&
    (async (copy, replaces, ifStored) => {
      const there = await find(copy.key);
      const refused = refuseRestore(there, ifStored);
      if (refused !== null) return refused;
      if (there) await deleteSession(copy.key);
      try {
        await createSession(toRow(copy));
      } catch (error) {
        if (there) await createSession(toRow(there, ["userId"])); // what every adapter takes, so that no one is logged out
        throw error;
      }
      if (replaces !== null && replaces !== copy.key) await deleteSession(replaces);
      return withCookie(there ?? copy, await find(copy.key));
    });
  return { ...(flush && { flush }), ...(changeExpiry && { changeExpiry }), ...(restore && { restore }) };
}

/** What `createSession` takes. @param only the fields to keep. Default: all that the adapter once returned */
function toRow({ key, stored, expiresAtMs }: StoredView, only?: readonly string[]) {
  const { user: _, ...fields }: ForeignData = JSON.parse(stored);
  const kept = Object.entries(fields).filter(([name]) => only?.includes(name) ?? true);
  const row = Object.fromEntries(kept) as { userId: string }; // it is among those fields
  return { ...row, sessionToken: key, expires: new Date(expiresAtMs ?? 0) };
}

function toEnd(change: ExpiryChange, now: number): number | null {
  if (change.kind === "seconds") return Date.now() + change.seconds * 1000;
  if (change.kind === "at") return change.at;
  return change.kind === "shift" ? now - change.shiftSeconds * 1000 : null;
}

function withoutOwn(data: ForeignData): ForeignData {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !OWN.includes(name)));
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function readDate(value: unknown): number | null {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/** The key is the cookie's value. */
function withCookie(before: StoredView, after: StoredView | null): WriteResult {
  return toResult(before, after, after && encodeURIComponent(after.key));
}
