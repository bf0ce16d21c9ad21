/**
 * The bridge's source for this library's own sessions, whatever their engine. It speaks to the engine directly, as
 * another process would: no request, no session object, nothing touched by looking.
 */
import { readContents } from "../../core/data/json.ts";
import { SessionError } from "../../core/errors.ts";
import type { Sessions } from "../../core/sessions.ts";
import type { Capability } from "../../protocol/messages.ts";
import type { Source, StoredView, WriteResult } from "../source.ts";
import { lookUp, lookUpExpected, type OwnSessions } from "./look-up.ts";
import { expiryFault, expiryJson } from "./own-expiry.ts";
import { endsAt, isCarried, moveToNewKey, putBack, swap, textFor, toResult } from "./own-writes.ts";

const ALL: readonly Capability[] = ["read", "traces", "edit", "expiry", "cycle", "flush", "restore"];

/** A source over `createSessions`' result. `openBridge` makes it by itself. */
export function ownSource<Data>(sessions: Sessions<Data>): Source {
  const { engine, settings, keyOf, observe } = sessions;
  return {
    library: { name: "session-bridge", version: "0.1.0" },
    engine: engine.name,
    cookieNames: [settings.cookieName],
    capabilities: engine.swaps && !isCarried(sessions) ? [...ALL, "conflicts"] : ALL,
    secret: Buffer.from(settings.secretKeys[0] ?? []).toString("base64"),
    keyOf,
    observe,
    ...ownCalls(sessions),
  };
}

type OwnCalls = Required<Pick<Source, "read" | "replace" | "changeExpiry" | "cycle" | "flush" | "restore">>;

function ownCalls(sessions: OwnSessions): OwnCalls {
  /** Hands the session that the caller saw to `change`. */
  const onExpected = async (
    cookie: string,
    ifStored: string,
    change: (view: StoredView) => Promise<WriteResult>,
  ): Promise<WriteResult> => {
    const view = await lookUpExpected(sessions, cookie, ifStored);
    return "ok" in view ? view : change(view);
  };
  return {
    async read(cookie) {
      const key = sessions.keyOf(cookie);
      const view = key === null ? "unknown" : await lookUp(sessions, key);
      return typeof view === "string" ? { found: false, reason: view } : { found: true, view };
    },
    replace: (cookie, json, ifStored) =>
      onExpected(cookie, ifStored, (view) => replaceData(sessions, view, json)),
    changeExpiry: (cookie, change, ifStored) =>
      onExpected(cookie, ifStored, async (view) => {
        const json = expiryJson(view.json, change, sessions.settings);
        if (change.kind !== "shift") {
          return swap(sessions, view, sessions.codec.encode(json), sessions.expiryOf(json).expiresAtMs);
        }
        const shifted = endsAt(sessions, { ...view, json }) - change.shiftSeconds * 1000;
        return swap(sessions, view, textFor(sessions, json, shifted), shifted);
      }),
    cycle: (cookie, ifStored) =>
      onExpected(cookie, ifStored, async (view) =>
        isCarried(sessions)
          ? swap(sessions, view, sessions.codec.encode(view.json), endsAt(sessions, view))
          : moveToNewKey(sessions, view),
      ),
    flush: (cookie, ifStored) =>
      onExpected(cookie, ifStored, async (view) => {
        await sessions.engine.delete(view.key);
        return toResult(view, null);
      }),
    async restore(copy, replaces, ifStored) {
      if (isCarried(sessions)) return toResult(copy, copy);
      const result = await putBack(sessions, copy, ifStored);
      const replaced = replaces === null ? null : sessions.keyOf(replaces);
      if (result.ok && replaced !== null && replaced !== copy.key) await sessions.engine.delete(replaced);
      return result;
    },
  };
}

/** Stores other data in place of those that were seen, with the same end. */
async function replaceData(sessions: OwnSessions, view: StoredView, json: string): Promise<WriteResult> {
  const { settings, clock } = sessions;
  const contents = readContents(json);
  if (contents === null) throw new SessionError("engine", "A session's data must be a JSON object.");
  const fault = expiryFault(contents.json, clock(), settings);
  if (fault !== null && expiryFault(view.json, clock(), settings) === null) {
    return { ok: false, reason: "unfit", why: fault };
  }
  const expiresAtMs = endsAt(sessions, { ...view, json });
  return swap(sessions, view, textFor(sessions, contents.json, expiresAtMs), expiresAtMs);
}
