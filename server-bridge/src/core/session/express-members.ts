/**
 * Members of express-session's session that have another name here. A name like these may also be a key of the data, so
 * each is an error only where there is no such data.
 */
import { misuse } from "../errors.ts";
import type { ExpressMember } from "./api.ts";

const INSTEAD: Readonly<Record<ExpressMember, string>> = {
  id: "Read session.sessionKey",
  cookie: "Call session.setExpiry(seconds) for its maxAge, and session.getExpiryAge() to read it",
  destroy: "Call await session.flush()",
  reload: "Open the session again: sessions.open(session.sessionKey), then await its load()",
  touch: "Set session.modified = true",
  resetMaxAge: "Set session.modified = true",
};

const MEMBERS = new Map<string, string>(Object.entries(INSTEAD));

/** Throws for a member of express-session. Any other name is no key of the data: undefined. */
export function refuseExpressMember(name: string): undefined {
  const instead = MEMBERS.get(name);
  if (instead === undefined) return undefined;
  throw misuse(
    `session.${name} is express-session's. ${instead}. For data of that name, call session.get("${name}").`,
  );
}
