/** Publishes what an app's adapter does to sessions. Each call has the arguments, the result and the `this` that it had. */
import { type AppCall, isWatched, publishCall } from "../foreign/app-calls.ts";
import { type ForeignData, quietly } from "../foreign/follow-request.ts";
import { toSession, UNWATCHED } from "./adapter.ts";
import { LIBRARY } from "./names.ts";

/** Users that the adapter has returned, by id: a new session is shown with its user, as a loaded one is. */
const MAX_USERS = 100;

/** What a method of the adapter did to a session, from its arguments and its result. */
type Read = (
  args: unknown[],
  result: unknown,
  users: ReadonlyMap<string, unknown>,
) => Omit<AppCall, "durationMs">;

const CALLS: Record<string, Read> = {
  getSessionAndUser: ([key], result) => ({ name: "load", key: String(key), data: dataOf(result) }),
  createSession([session], result, users) {
    const { userId }: { userId?: unknown } = Object(session);
    const user = users.get(String(userId));
    const stored: ForeignData = { ...Object(session), ...Object(result) };
    return { name: "create", key: keyIn(session), data: dataOf({ session: stored, user }) };
  },
  updateSession: ([session]) => ({
    name: "save",
    key: keyIn(session),
    data: dataOf({ session }),
    partial: true,
  }),
  deleteSession: ([key]) => ({ name: "delete", key: String(key), data: null }),
};
const USERS = ["createUser", "getUser", "getUserByEmail", "getUserByAccount", "updateUser"];

/**
 * Wraps the adapter's methods for sessions and users, each once, on the adapter itself: on a copy, the methods of a class
 * would not find its private fields. A method that cannot be replaced stays as it is.
 */
export function watchAdapter(adapter: object): void {
  const users = new Map<string, unknown>();
  const keep = (user: unknown) => {
    const { id }: { id?: unknown } = Object(user);
    if (id === undefined || id === null) return;
    users.delete(String(id));
    users.set(String(id), user);
    const oldest = users.keys().next();
    if (users.size > MAX_USERS && oldest.done !== true) users.delete(oldest.value);
  };
  for (const name of USERS) watchMethod(adapter, name, (_args, user) => keep(user));
  for (const [name, read] of Object.entries(CALLS))
    watchMethod(adapter, name, (args, result, durationMs) => {
      publishCall(LIBRARY, { ...read(args, result, users), durationMs });
    });
}

/** Told once a call has succeeded. */
type Told = (args: unknown[], result: unknown, durationMs: number) => void;

function watchMethod(adapter: object, name: string, told: Told): void {
  const own = Reflect.getOwnPropertyDescriptor(adapter, name);
  const method: unknown = Reflect.get(adapter, name);
  if (typeof method !== "function" || own?.get !== undefined || own?.writable === false) return;
  if (Reflect.has(method, UNWATCHED)) return;
  function watched(this: unknown, ...args: unknown[]): unknown {
    const start = performance.now();
    const result: unknown = Reflect.apply(method as () => unknown, this, args); // checked above
    const tell = (value: unknown) => quietly(() => told(args, value, performance.now() - start));
    if (!isWatched(LIBRARY)) return result;
    // the library has the promise too, and handles its failure
    if (result instanceof Promise) result.then(tell, () => {});
    // a query that starts with its `then` is left to the library
    else if (typeof Object(result).then !== "function") tell(result);
    return result;
  }
  Object.defineProperty(watched, UNWATCHED, { value: method });
  // what the library lists among an adapter's properties stays the same
  const enumerable = own?.enumerable ?? false;
  Reflect.defineProperty(adapter, name, { value: watched, enumerable, writable: true, configurable: true });
}

/** A session without its key. */
function dataOf(found: unknown): ForeignData | null {
  const session = toSession(found);
  if (session === null) return null;
  const { sessionToken: _, ...data } = session;
  return data;
}

function keyIn(session: unknown): string {
  return String(Reflect.get(Object(session), "sessionToken"));
}
