/** An app of a test whose sessions, and their index of users, are in Redis. */
import { cache, type SessionsOptions } from "session-bridge";
import { onTestFinished } from "vitest";
import { type AnySession, library } from "../library.ts";

/** Options of the library, and: its entries' prefix, and whether the setting `users` is off. */
export interface RedisAppOptions extends Partial<SessionsOptions> {
  keyPrefix?: string;
  isOff?: boolean;
}

let apps = 0;
/** An app with entries that no other test sees, and the names that it has in Redis. It is closed with the test. */
export function openRedisApp(
  address: string,
  { keyPrefix = `app-${++apps}`, isOff = false, ...options }: RedisAppOptions = {},
) {
  const made = library({
    engine: cache(address, { keyPrefix }),
    ...(!isOff && { users: { of: (session) => session.get("user_id") } }),
    clock: Date.now,
    ...options,
  });
  onTestFinished(() => made.sessions.close());
  const logIn = async (user: string, more: (session: AnySession) => unknown = () => {}) => {
    const { cookie } = await made.request((session) => {
      session.set("user_id", user);
      more(session);
    });
    return cookie ?? "";
  };
  const list = async (user: string) => {
    const found: string[] = [];
    for await (const { keyId } of made.sessions.forUser(user)) found.push(keyId);
    return found;
  };
  return {
    ...made,
    logIn,
    list,
    hash: (user: string) => `${keyPrefix}:1:session_bridge.user:${user}`,
    name: (cookie: string) => `${keyPrefix}:1:django.contrib.sessions.cache${keyOf(cookie)}`,
  };
}

/** The session key in a cookie. */
export function keyOf(cookie: string): string {
  return cookie.slice(cookie.indexOf("=") + 1);
}
