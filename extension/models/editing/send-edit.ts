/** Sends an edit so that it never overwrites what someone else has changed in the meantime, unless that is requested. */
import type { Signal } from "@preact/signals";
import type { EditOperation, SessionState } from "session-bridge/protocol";
import { type Clash, clashes } from "../../logic/json/edit-operations.ts";
import type { Subject } from "../showing/session.ts";
import type { Outcome } from "./write.ts";

/** An edit that conflicted with someone else's change. */
export interface Conflict {
  clashes: readonly Clash[];
  operations: readonly EditOperation[];
  subject: Subject;
  now: SessionState;
  did: string;
}

/** Writes operations to the session as it was at `session`'s version. */
export type Edit = (
  subject: Subject,
  session: SessionState,
  operations: readonly EditOperation[],
  did: string,
) => Promise<Outcome>;

/** How often an edit is applied to newer versions that changed other keys, before it counts as failed. */
const TRIES = 3;

const KEEPS_CHANGING =
  "the session changed again at each attempt. Try again when its requests have been answered.";

/** The two ways to send an edit; conflicts go into `conflict`. */
export function createEditSender(edit: Edit, conflict: Signal<Conflict | null>) {
  /** Sends; if other keys have changed in the meantime, that is no conflict, and it sends again based on the new version. */
  async function send(
    subject: Subject,
    session: SessionState,
    operations: readonly EditOperation[],
    did: string,
    tries = TRIES,
  ): Promise<Outcome> {
    const outcome = await edit(subject, session, operations, did);
    if (outcome.kind !== "conflict") return outcome;
    const found = clashes(session.dataJson, outcome.now.dataJson, operations);
    if (found.length > 0) {
      conflict.value = { clashes: found, operations, subject, now: outcome.now, did };
      return outcome;
    }
    if (tries === 0) return { kind: "failed", reason: KEEPS_CHANGING };
    return send(subject, outcome.now, operations, did, tries - 1);
  }

  /**
   * Applies the edit to the version that the conflict showed, as a first edit: only a further change of the same keys is a conflict
   * again. If it fails, the conflict is back, and with it what was typed.
   */
  async function overwrite(met: Conflict): Promise<Outcome> {
    conflict.value = null;
    const outcome = await send(met.subject, met.now, met.operations, met.did);
    if (outcome.kind === "failed") conflict.value = met;
    return outcome;
  }

  return { send, overwrite };
}
