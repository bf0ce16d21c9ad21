/**
 * The bridge's source for this library's own sessions, with any engine. It calls the engine directly, as another
 * process would: no request, no session object, and reading touches nothing.
 */
import { readContents } from "../../core/data/json.ts";
import { deadlineIn } from "../../core/django/deadlines.ts";
import { isSessionError, SessionError } from "../../core/errors.ts";
import type { Sessions } from "../../core/sessions.ts";
import type { Capability } from "../../protocol/messages.ts";
import type { Proof, ProvenKey, Source, StoredView, WriteResult } from "../source.ts";
import { lookUp, lookUpExpected, type OwnSessions } from "./look-up.ts";
import { ownDevices } from "./own-devices.ts";
import { expiryFault, expiryJson } from "./own-expiry.ts";
import { endsAt, isCarried, moveToNewKey, putBack, remove, swap, textFor, toResult } from "./own-writes.ts";

const ALL: readonly Capability[] = ["read", "traces", "edit", "expiry", "cycle", "flush", "restore"];

/** A source for `createSessions`' result. `openBridge` makes it automatically. */
export function ownSource<Data>(sessions: Sessions<Data>): Source {
  const { engine, settings, observe } = sessions;
  return {
    library: { name: "session-bridge", version: "0.1.0" },
    engine: engine.name,
    cookieNames: [settings.cookieName],
    proof: proofOf(sessions),
    cookiesRepeat: isCarried(sessions), // one string for all sessions in the same state in the same second
    capabilities: capabilitiesOf(sessions),
    secret: Buffer.from(settings.secretKeys[0] ?? []).toString("base64"),
    observe,
    ...ownCalls(sessions),
    ...(settings.users === null ? {} : { devices: ownDevices(sessions) }),
  };
}

function capabilitiesOf(sessions: OwnSessions): Capability[] {
  const capabilities = [...ALL];
  if (sessions.engine.swaps && !isCarried(sessions)) capabilities.push("conflicts");
  if (sessions.settings.users !== null) capabilities.push("devices", "end-others");
  return capabilities;
}

/** A stored session's key has no signature: its row is the proof. A cookie that carries its session is signed. */
function proofOf(sessions: OwnSessions): Proof {
  const { keyOf } = sessions;
  if (!isCarried(sessions)) {
    return { by: "row", keyOf, isStored: async (key) => (await lookUp(sessions, key)) !== "unknown" };
  }
  return {
    by: "signature",
    async keyOf(cookie) {
      const key = keyOf(cookie);
      return key !== null && typeof (await lookUp(sessions, key)) === "object" ? key : null;
    },
  };
}

type OwnCalls = Required<Pick<Source, "read" | "replace" | "changeExpiry" | "cycle" | "flush" | "restore">>;

function ownCalls(sessions: OwnSessions): OwnCalls {
  /** Passes the session that the caller saw to `change`. */
  const onExpected = async (
    key: ProvenKey,
    ifStored: string,
    change: (view: StoredView) => Promise<WriteResult>,
  ): Promise<WriteResult> => {
    const view = await lookUpExpected(sessions, key, ifStored);
    if ("ok" in view) return view;
    try {
      return await change(view);
    } catch (error) {
      if (isSessionError(error, "session-gone")) return { ok: false, reason: "gone" }; // all of the user's were ended
      throw error;
    }
  };
  return {
    async read(key) {
      const view = await lookUp(sessions, key);
      return typeof view === "string" ? { found: false, reason: view } : { found: true, view };
    },
    replace: (key, json, ifStored) => onExpected(key, ifStored, (view) => replaceData(sessions, view, json)),
    changeExpiry: (key, change, ifStored) =>
      onExpected(key, ifStored, async (view) => {
        const json = expiryJson(view.json, change, sessions.settings);
        if (change.kind !== "shift") {
          return swap(sessions, view, sessions.codec.encode(json), sessions.expiryOf(json).expiresAtMs);
        }
        const shifted = endsAt(sessions, { ...view, json }) - change.shiftSeconds * 1000;
        return swap(sessions, view, textFor(sessions, json, shifted), shifted);
      }),
    cycle: (key, ifStored) =>
      onExpected(key, ifStored, async (view) =>
        isCarried(sessions)
          ? swap(sessions, view, sessions.codec.encode(view.json), endsAt(sessions, view))
          : moveToNewKey(sessions, view),
      ),
    flush: (key, ifStored) =>
      onExpected(key, ifStored, async (view) => {
        await remove(sessions, view);
        return toResult(sessions, view, null);
      }),
    async restore(copy, replaces, ifStored) {
      if (isCarried(sessions)) return toResult(sessions, copy, copy);
      const result = await putBack(sessions, copy, ifStored);
      if (result.ok && replaces !== null && replaces !== copy.key) await sessions.engine.delete(replaces);
      return result;
    },
  };
}

/** Stores other data in place of what was seen, with the same expiry. */
async function replaceData(sessions: OwnSessions, view: StoredView, json: string): Promise<WriteResult> {
  const { settings, clock } = sessions;
  const contents = readContents(json);
  if (contents === null) throw new SessionError("engine", "A session's data must be a JSON object.");
  const fault = expiryFault(contents.json, clock(), settings);
  if (fault !== null && expiryFault(view.json, clock(), settings) === null) {
    return { ok: false, reason: "unfit", why: fault };
  }
  const deadline = deadlineIn(contents, settings);
  const expiresAtMs = Math.min(endsAt(sessions, { ...view, json }), deadline ?? Number.POSITIVE_INFINITY);
  return swap(sessions, view, textFor(sessions, contents.json, expiresAtMs), expiresAtMs);
}
