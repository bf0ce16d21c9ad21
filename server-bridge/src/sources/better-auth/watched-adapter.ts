/**
 * Watches what Better Auth does to its sessions: the methods of its `internalAdapter`, through which its endpoints and its
 * plugins go, whatever the database.
 *
 * A call's arguments and its result stay the same; nothing is watched while there is no bridge.
 */
import { misuse } from "../../core/errors.ts";
import { type AppCall, isWatched, publishCall } from "../foreign/app-calls.ts";
import { quietly } from "../foreign/follow-request.ts";
import { type AdapterMethod, type AuthContext, toObject } from "./auth-context.ts";
import { toData } from "./session-data.ts";

/** The library's name on npm, under which its calls are published. */
export const LIBRARY = "better-auth";

/** Its methods as they were; the symbol is shared by all copies of this library that a bundler makes. */
const UNWATCHED = Symbol.for("session-bridge.better-auth.unwatched");

type Adapter = AuthContext["internalAdapter"];
type Watched = Pick<AuthContext, "internalAdapter" | "sessionFields" | "userFields" | "mayRefuse">;

/** Reports what a call has done, once it has succeeded. */
type Tell = (args: readonly unknown[], result: unknown, durationMs: number) => void;

/** Watches an adapter, once. */
export function watchAdapter(context: Watched): void {
  const { internalAdapter } = context;
  if (UNWATCHED in internalAdapter) return;
  Object.defineProperty(internalAdapter, UNWATCHED, { value: { ...internalAdapter } });
  for (const [name, tell] of Object.entries(createTells(context))) follow(internalAdapter, name, tell);
  for (const [name, keysOf] of Object.entries(DELETIONS)) followDeletion(context, name, keysOf);
}

/** A method as the library has it, for the bridge's own calls: those belong to no request. */
export function ownMethod({ internalAdapter }: { internalAdapter: Adapter }, name: string): AdapterMethod {
  const own = Reflect.get(internalAdapter, UNWATCHED);
  const method = toObject(own)[name] ?? internalAdapter[name];
  if (typeof method !== "function") {
    throw misuse(
      `this version of better-auth has no internalAdapter.${name}, which the bridge calls. Use better-auth 1.7, with which it is tested.`,
    );
  }
  return method as AdapterMethod; // the library's own function
}

function createTells(context: Watched) {
  return {
    findSession([token], found, durationMs) {
      const { session, user } = toObject(found);
      publish({
        name: "load",
        key: String(token),
        data: found ? toData(context, session, user) : null,
        durationMs,
      });
    },
    findSessions(_args, found, durationMs) {
      for (const { session, user } of listOf(found)) {
        const key = String(toObject(session)["token"]);
        publish({ name: "load", key, data: toData(context, session, user), durationMs });
      }
    },
    createSession(_args, made, durationMs) {
      const { token } = toObject(made);
      if (typeof token !== "string") return; // a hook of the app refused it
      publish({ name: "create", key: token, data: toData(context, made), durationMs });
    },
    updateSession([token], row, durationMs) {
      if (!row) return; // there is none, or a hook of the app refused it
      publish({ name: "save", key: String(token), data: toData(context, row), durationMs, partial: true });
    },
  } satisfies Record<string, Tell>;
}

function follow(adapter: Adapter, name: string, tell: Tell): void {
  const method = adapter[name];
  if (typeof method !== "function") return;
  adapter[name] = function watched(this: unknown, ...args: unknown[]): unknown {
    const start = performance.now();
    const result: unknown = Reflect.apply(method, this, args);
    if (result instanceof Promise && isWatched(LIBRARY)) {
      const heard = (value: unknown) => quietly(() => tell(args, value, performance.now() - start));
      result.then(heard, () => {}); // the app has the promise too, and handles its failure
    }
    return result;
  };
}

/** The tokens that a deletion is for, asked before it where only the store knows them. */
type KeysOf = (context: Watched, first: unknown) => Promise<unknown[]>;

const tokensOfUser: KeysOf = async (context, userId) => {
  const found = await ownMethod(context, "listSessions")(userId);
  return listOf(found).map(({ token }) => token);
};

const DELETIONS: Record<string, KeysOf> = {
  deleteSession: async (_context, token) => [token],
  deleteSessions: async (_context, tokens) => (Array.isArray(tokens) ? tokens : []),
  deleteUserSessions: tokensOfUser,
  deleteUser: tokensOfUser,
};

function followDeletion(context: Watched, name: string, keysOf: KeysOf): void {
  const method = context.internalAdapter[name];
  if (typeof method !== "function") return;
  context.internalAdapter[name] = function watched(this: unknown, ...args: unknown[]): unknown {
    const run = (): unknown => Reflect.apply(method, this, args);
    return isWatched(LIBRARY) ? deleteWatched(run) : run();

    async function deleteWatched(deleteThem: () => unknown): Promise<unknown> {
      // if the store fails here, the deletion itself will say so to the app
      const keys = await keysOf(context, args[0]).catch(() => []);
      const start = performance.now();
      const result = await deleteThem();
      const durationMs = performance.now() - start;
      for (const key of keys) {
        if (typeof key !== "string" || (context.mayRefuse && (await isThere(context, key)))) continue;
        publish({ name: "delete", key, data: null, durationMs });
      }
      // the library lists at most a hundred sessions, so the request's own may be missing from them
      const ofUser = keysOf === tokensOfUser && !context.mayRefuse ? args[0] : undefined;
      if (typeof ofUser === "string") publish({ name: "delete", key: "", data: null, durationMs, ofUser });
      return result;
    }
  };
}

/** After a deletion that a hook may have refused: the library does not say. */
async function isThere(context: Watched, token: string): Promise<boolean> {
  const find = async () => ownMethod(context, "findSession")(token);
  return Boolean(await find().catch(() => true));
}

function publish(call: AppCall): void {
  publishCall(LIBRARY, call);
}

function listOf(values: unknown): Record<string, unknown>[] {
  return Array.isArray(values) ? values.map(toObject) : [];
}
