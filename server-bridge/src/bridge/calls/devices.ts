/**
 * The calls about the other sessions of a user: `devices`, `end-others`, `restore-others`. Whose sessions they are follows
 * from the session of the cookie that the caller has shown; no call takes a user, a key, or anything that stands for one.
 */
import { randomBytes } from "node:crypto";
import { createPerKeyQueue } from "../../core/engines/per-key-queue.ts";
import { shortenKey } from "../../core/session/key.ts";
import { BRIDGE_PATH } from "../../protocol/address.ts";
import type {
  Capability,
  DevicesAnswer,
  EndOthersAnswer,
  RestoreOthersAnswer,
} from "../../protocol/messages.ts";
import type { RequestOf } from "../../protocol/parse.ts";
import type {
  EndedSessions,
  EndOthersResult,
  RestoreOthersResult,
  Source,
  StoredView,
} from "../../sources/source.ts";
import { Refused } from "../answers.ts";
import type { Recorder } from "../traces/recorder.ts";
import { readExpected, requireProven, toRefusal } from "./expected-session.ts";
import type { WriterParts } from "./perform-write.ts";
import type { Proofs } from "./proof.ts";
import { sealFor, unsealFor } from "./seal.ts";
import { withinStoreLimit } from "./store-limit.ts";
import { required } from "./writes.ts";

/** How long an end can be undone. Longer, and the people concerned have logged in again. */
const UNDO_MS = 5 * 60_000;

interface DevicesContext extends WriterParts {
  source: Source;
  proofs: Proofs;
  /** What the source can do and the settings allow. */
  capabilities: readonly Capability[];
}

/** A sealed copy of what was ended. */
interface SealedCopies {
  /** A copy is used once. */
  id: string;
  untilMs: number;
  copies: EndedSessions;
}

/** The calls, by what they do. */
interface Devices {
  list(request: RequestOf<"devices">): Promise<DevicesAnswer>;
  endOthers(request: RequestOf<"end-others">): Promise<EndOthersAnswer>;
  restoreOthers(request: RequestOf<"restore-others">): Promise<RestoreOthersAnswer>;
}

/** Answers the calls. Those of one session that write wait for each other. */
export function createDevices(context: DevicesContext): Devices {
  const { source, proofs, digests, clock } = context;
  const queue = createPerKeyQueue();
  // of this process alone: another one could not know whether a copy has been used
  const sealKey = randomBytes(32);
  const used = createUsed(clock);
  return {
    async list({ cookie }) {
      const devices = required(source.devices, context, "devices");
      const serverTime = clock();
      const proven = await proofs.prove(cookie);
      if (proven.key === null) return { serverTime, found: false, reason: proven.reason };
      const result = await withinStoreLimit(devices.list(proven.key), "read");
      if (!result.found) return { serverTime, ...result };
      const { view, sessions, total, why, canUndo } = result;
      return {
        serverTime,
        found: true,
        version: digests.version(view.key, view.stored),
        sessions: sessions.map(({ key, createdMs, seenMs, expiresAtMs }) => ({
          id: digests.deviceId(key),
          createdAt: createdMs,
          lastSeenAt: seenMs,
          expiresAt: expiresAtMs,
          current: key === view.key,
        })),
        total,
        ...completeness(why),
        canUndo,
      };
    },
    async endOthers({ cookie, ifVersion, keep }) {
      const devices = required(source.devices, context, "end-others");
      const key = await requireProven(proofs, cookie);
      return queue.take(digests.keyId(key), async () => {
        const startedMs = context.now();
        const { stored } = await readExpected(context, { key, ifVersion });
        const result = await withinStoreLimit(devices.endOthers(key, stored, keep), "write");
        if (!result.ok) throw notEnded(result, context);
        const { view, ended, why, copies } = result;
        const traceId = settle(context, { call: "end-others", view, did: `ended ${ended}`, startedMs });
        const serverTime = clock();
        const untilMs = serverTime + UNDO_MS;
        const sealed = copies && { id: randomBytes(16).toString("base64url"), untilMs, copies };
        return {
          serverTime,
          ended,
          ...completeness(why),
          kept: sealed && sealFor("ended sessions 1", sealed, cookie, sealKey),
          keptUntil: sealed && untilMs,
          traceId,
        };
      });
    },
    async restoreOthers({ cookie, kept }) {
      const devices = required(source.devices, context, "end-others");
      const key = await requireProven(proofs, cookie);
      return queue.take(digests.keyId(key), async () => {
        const startedMs = context.now();
        const opened = cookie === kept.cookie ? unsealFor("ended sessions 1", kept, sealKey) : null;
        if (opened === null) throw new Refused("not-possessed", NOT_OURS);
        const { id, untilMs, copies } = opened as SealedCopies; // the seal shows that it was made above
        if (clock() >= untilMs) throw new Refused("gone", TOO_LATE);
        if (!used.take(id, untilMs)) throw new Refused("gone", USED);
        const result = await withinStoreLimit(devices.restoreOthers(key, copies), "write");
        if (!result.ok) {
          used.giveBack(id); // nothing was put back
          throw notRestored(result);
        }
        const { view, restored, left } = result;
        const did = `put back ${restored}`;
        const traceId = settle(context, { call: "restore-others", view, did, startedMs });
        return { serverTime: clock(), restored, left, traceId };
      });
    },
  };
}

/** Leaves the trace and the terminal line; returns the id of the trace. */
function settle(
  { recorder, log, now }: Pick<DevicesContext, "log" | "now"> & { recorder: Pick<Recorder, "write"> },
  {
    call,
    view,
    did,
    startedMs,
  }: { call: "end-others" | "restore-others"; view: StoredView; did: string; startedMs: number },
): string {
  log(`panel: ${call} of session ${shortenKey(view.key)}: ${did} of its user's`);
  return recorder.write({
    path: BRIDGE_PATH + call,
    operation: call === "end-others" ? "delete" : "create",
    durationMs: now() - startedMs,
    before: view,
    after: view,
    others: `another session of this user: ${did}`,
  });
}

function completeness(why: string | null): { complete: boolean; why?: string } {
  return why === null ? { complete: true } : { complete: false, why };
}

const NOT_OURS =
  "This process of the server did not make this copy for this cookie. If it was started again since, the sessions stay ended.";
/** Also after a failure of the store: it may have put some back, of which one may have logged out since. */
const USED = "This undo has already been used. Look at the list again: it has those that are back.";
const TOO_LATE = "More than five minutes have passed, so the sessions stay ended.";

function notEnded(result: Extract<EndOthersResult, { ok: false }>, { digests }: DevicesContext): Refused {
  if (result.reason === "no-user") return new Refused("gone", "No one is logged in in this session.");
  if (result.reason === "too-many") {
    return new Refused(
      "too-large",
      "There are now too many sessions to undo their end. Nothing was ended: look at the list again.",
    );
  }
  return toRefusal(result.reason === "conflict" ? result : { ok: false, reason: "gone" }, digests);
}

function notRestored({ reason }: Extract<RestoreOthersResult, { ok: false }>): Refused {
  if (reason === "gone") return new Refused("gone", "There is no longer a session for this cookie.");
  return reason === "other-user"
    ? new Refused("gone", "Another user, or no one, is logged in now, so the sessions stay ended.")
    : new Refused("gone", "All sessions of this user were ended since, so they stay ended.");
}

/** The copies that were used, for as long as they could be used. */
function createUsed(clock: () => number) {
  const used = new Map<string, number>();
  return {
    /** False if it was taken before. */
    take(id: string, untilMs: number): boolean {
      for (const [other, endMs] of used) if (endMs <= clock()) used.delete(other);
      if (used.has(id)) return false;
      used.set(id, untilMs);
      return true;
    },
    giveBack(id: string): void {
      used.delete(id);
    },
  };
}
