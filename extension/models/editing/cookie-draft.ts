/** A cookie as the form has it, and the cookie that the form's fields describe. */
import type { SameSite, TabCookie } from "../../messages/tab-cookie.ts";

/**
 * The form's fields. `expires` is local time as `<input type="datetime-local">` has it; empty means it ends when the browser
 * closes.
 */
interface CookieFields {
  name: string;
  value: string;
  path: string;
  expires: string;
  httpOnly: boolean;
  secure: boolean;
  sameSite: SameSite;
}

/** A cookie that is being edited, as it was when editing began. */
export interface CookieDraft extends CookieFields {
  cookie: TabCookie;
}

/** A draft of the cookie, before anything is typed. */
export function startCookieDraft(cookie: TabCookie): CookieDraft {
  return { ...toFields(cookie), cookie };
}

/**
 * `latest` with the fields that the user changed; the others stay what they are in the browser. Null if the expiry is not a date.
 */
export function applyCookieDraft(draft: CookieDraft, latest: TabCookie): TabCookie | null {
  const expiresAt = readLocal(draft.expires);
  if (expiresAt === "odd") return null;
  const { expires, ...changed } = changedFields(draft);
  return { ...latest, ...changed, expiresAt: expires === undefined ? latest.expiresAt : expiresAt };
}

function toFields(cookie: TabCookie): CookieFields {
  const { name, value, path, httpOnly, secure, sameSite } = cookie;
  return { name, value, path, httpOnly, secure, sameSite, expires: toLocal(cookie.expiresAt) };
}

function changedFields(draft: CookieDraft): Partial<CookieFields> {
  const { cookie, ...fields } = draft;
  const before: Record<string, unknown> = { ...toFields(cookie) };
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => before[name] !== value));
}

/** `2026-11-23T09:12:44`, in the format of the browser's date field. */
function toLocal(at: number | null): string {
  if (at === null) return "";
  const date = new Date(at);
  const local = new Date(at - date.getTimezoneOffset() * 60_000);
  return Number.isNaN(local.getTime()) ? "" : local.toISOString().slice(0, 19);
}

function readLocal(text: string): number | null | "odd" {
  if (text === "") return null;
  const at = new Date(text).getTime();
  return Number.isNaN(at) ? "odd" : at;
}
