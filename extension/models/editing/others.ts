/** Ends the user's other sessions, and puts them back as long as the bridge accepts its copy. */
import { createModel, signal } from "@preact/signals";
import { type KeptCopy, PROTOCOL_VERSION } from "session-bridge/protocol";
import { problemText, refusalText } from "../../logic/bridge-problem.ts";
import type { BridgePort, CallResult } from "../../ports/ports.ts";
import type { DevicesList } from "../showing/devices.ts";
import type { Subject } from "../showing/session.ts";
import type { Change } from "./undo.ts";

interface OthersParts {
  bridge: BridgePort;
  now: () => number;
  /** Names an origin other than the page's own; empty for the page's own. */
  where: (origin: string) => string;
  /** Reads the list again. */
  refresh: () => void;
  did: (change: Change) => void;
  tell: (text: string) => void;
}

/** A copy, and how to know that it is no longer accepted. */
interface Undo {
  kept: KeptCopy;
  /** By the browser's clock. */
  until: number;
}

export const OthersModel = createModel((parts: OthersParts) => {
  const pending = signal(false);
  const { bridge, now, where, refresh, did, tell } = parts;

  const end = async ({ origin, cookie }: Subject, list: DevicesList): Promise<void> => {
    const possession = { protocol: PROTOCOL_VERSION, cookie: cookie.value };
    const request = { ...possession, ifVersion: list.version, keep: list.canUndo };
    const result = await bridge.call(origin, "end-others", request);
    if (!result.ok) return tell(`Not ended: ${reasonOf(result)}`);
    const { ended, kept, keptUntil, serverTime } = result.answer;
    if (ended === 0) return tell("There was no other session to end");
    const text = `Ended ${countOthers(ended)}${where(origin)}`;
    if (kept === null || keptUntil === null) return tell(`${text}. This cannot be undone.`);
    did(undoOf(parts, origin, text, { kept, until: now() + keptUntil - serverTime }));
  };

  return {
    pending,
    /** The list says whether it can be undone; if that has changed since, nothing is ended. */
    async end(subject: Subject, list: DevicesList): Promise<void> {
      if (pending.peek()) return;
      pending.value = true;
      try {
        await end(subject, list);
      } finally {
        pending.value = false;
        refresh();
      }
    },
  };
});

function undoOf(
  { bridge, now, refresh }: OthersParts,
  origin: string,
  text: string,
  { kept, until }: Undo,
): Change {
  let isUsed = false;
  return {
    did: text,
    isOver: () => isUsed || now() >= until,
    async back() {
      const request = { protocol: PROTOCOL_VERSION, cookie: kept.cookie, kept };
      const result = await bridge.call(origin, "restore-others", request);
      refresh();
      if (!result.ok) return `Not undone: ${reasonOf(result)}`;
      isUsed = true;
      const { restored, left } = result.answer;
      if (left === 0) return null;
      return restored === 0
        ? "Not undone: the sessions would have expired by now, or something else is stored in their place."
        : `Put back ${restored} of ${restored + left}: the others would have expired by now, or cannot be put back.`;
    },
  };
}

/** The server's own words: it knows what stood in the way. */
function reasonOf({ problem }: Extract<CallResult<unknown>, { ok: false }>): string {
  if (problem.kind !== "refused") return problemText(problem);
  return problem.refusal.code === "conflict"
    ? "the session has changed in the meantime. Look at the list again."
    : refusalText(problem.refusal);
}

function countOthers(count: number): string {
  return count === 1 ? "1 other session of this user" : `${count} other sessions of this user`;
}
