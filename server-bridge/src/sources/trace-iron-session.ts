/** Names the lines of an app that write to a session of iron-session: the library itself reports no write. */
import { isWatched, publishCall } from "./foreign/app-calls.ts";

const LIBRARY = "iron-session";

/**
 * Wraps the session that `getIronSession` returned, so that the tab names the line that wrote each key. Use it where the
 * app defines its session: `return traceIronSession(await getIronSession(await cookies(), options))`.
 *
 * Without a bridge in this process, as in production, it returns the session itself.
 */
export function traceIronSession<T extends object>(session: T): T {
  if (!isWatched(LIBRARY)) return session;
  const traced: T = new Proxy(session, {
    set(target, key, value, receiver) {
      tell(key);
      // what is written to the proxy is written to the session itself
      return Reflect.set(target, key, value, receiver === traced ? target : receiver);
    },
    deleteProperty(target, key) {
      if (Object.hasOwn(target, key)) tell(key);
      return Reflect.deleteProperty(target, key);
    },
  });
  return traced;
}

function tell(key: string | symbol): void {
  if (typeof key === "string") publishCall(LIBRARY, { name: "write", key });
}
