/**
 * `traceBetterAuth()`: a plugin for Better Auth, for apps in which the instance that answers is not the one that the bridge
 * was given, because a bundler makes several.
 *
 * It consists of matchers that never match, so Better Auth runs no code of it within an answer.
 */
import { isWatched, publishCall } from "../foreign/app-calls.ts";
import { quietly } from "../foreign/follow-request.ts";
import { parseContext, toObject } from "./auth-context.ts";
import { toData } from "./session-data.ts";
import { LIBRARY, watchAdapter } from "./watched-adapter.ts";

interface TraceHook {
  /** @returns always false */
  matcher(call: object): boolean;
  /** Never called. */
  handler: never;
}

/** A plugin that only watches. */
export interface TracePlugin {
  id: "session-bridge";
  hooks: { before: TraceHook[]; after: TraceHook[] };
}

/**
 * Better Auth's sessions in the traces of an app that is bundled, such as one with Next.js:
 * `betterAuth({ plugins: [traceBetterAuth()] })`. It does nothing while no bridge is open in the process.
 */
export function traceBetterAuth(): TracePlugin {
  return {
    id: "session-bridge",
    hooks: { before: [whenWatched(watchCall)], after: [whenWatched(tellSession)] },
  };
}

/** Adds the plugin to an instance that does not have it: as the first, because plugins that set cookies want to be the last. */
export function addPlugin(plugins: unknown[]): void {
  const plugin = traceBetterAuth();
  if (!plugins.some((one) => toObject(one)["id"] === plugin.id)) plugins.unshift(plugin);
}

function whenWatched(run: (context: Record<string, unknown>) => void): TraceHook {
  const matcher = (call: object) => {
    if (isWatched(LIBRARY)) quietly(() => run(toObject(Reflect.get(call, "context"))));
    return false;
  };
  const handler = async () => ({});
  return { matcher, handler: handler as never }; // the plugin's own type needs the package
}

/** Before a plugin could, the context has no adapter yet. */
function watchCall(context: Record<string, unknown>): void {
  watchAdapter(parseContext(context));
}

/** What an endpoint has used: known even if it came from the copy in a cookie, for which no store is asked. */
function tellSession(context: Record<string, unknown>): void {
  tell("cached", context, context["session"]);
  tell("known", context, context["newSession"]);
}

function tell(name: "cached" | "known", context: Record<string, unknown>, used: unknown): void {
  const { session, user } = toObject(used);
  const { token } = toObject(session);
  if (typeof token !== "string" || !user) return;
  publishCall(LIBRARY, {
    name,
    key: token,
    data: toData(parseContext(context), session, user),
    durationMs: 0,
  });
}
