/**
 * How a session of Better Auth is shown: its own fields and its user, without its token and without any field that the
 * library itself returns to no client.
 */
import type { ForeignData, Shape } from "../foreign/follow-request.ts";
import { toPlain } from "../foreign/plain-json.ts";
import { type AuthContext, toObject } from "./auth-context.ts";

type Tables = Pick<AuthContext, "sessionFields" | "userFields">;

/** The session as plain JSON. Without `user`, it has only the session's own fields. */
export function toData(tables: Tables, session: unknown, user?: unknown): ForeignData {
  const { userId, ...fields } = withoutHidden(session, tables.sessionFields);
  const own = { userId, ...fields };
  const data = user === undefined ? own : { ...own, user: withoutHidden(user, tables.userFields) };
  return toPlain(data) as ForeignData; // a copy of an object is one
}

/** What the panel shows, and compares. */
export const SESSION_SHAPE: Shape = {
  toJson: (data) => JSON.stringify(withoutEnd(data)),
  toStored: (data) => JSON.stringify(withoutEnd(data)),
  readEnd: (data) => readTime(data["expiresAt"]),
};

/** Seconds from the last change of the session's expiry to that expiry. */
export function readAge(data: ForeignData): number {
  const [from, to] = [readTime(data["updatedAt"]), readTime(data["expiresAt"])];
  return from === null || to === null ? 0 : Math.max(0, Math.round((to - from) / 1000));
}

/** Milliseconds since 1970 of an ISO date; null for anything else. */
function readTime(value: unknown): number | null {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

/** The expiry is shown next to the data; the token is the key. */
function withoutEnd({ expiresAt: _end, token: _token, ...data }: ForeignData): ForeignData {
  return data;
}

/** In the order of the table, so that equal rows are equal strings. */
function withoutHidden(row: unknown, fields: Tables["sessionFields"]): ForeignData {
  const { token: _token, password: _password, ...all } = toObject(row);
  const names = new Set(["id", ...fields.keys(), ...Object.keys(all)]);
  const shown = [...names].filter((name) => name in all && fields.get(name)?.isReturned !== false);
  return Object.fromEntries(shown.map((name) => [name, all[name]]));
}
