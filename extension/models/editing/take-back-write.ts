/** Undoes one write: restores the copy that the bridge kept, unless that would discard what someone has written since. */
import {
  PROTOCOL_VERSION,
  type SessionState,
  valueOfPossession,
  type WriteAnswer,
} from "session-bridge/protocol";
import { showUnseen } from "../../logic/show-unseen.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { type Outcome, toOutcome, type Write, type WriteCall, type WriteParts } from "./write.ts";

/** The result of a write: the bridge's answer, and the browser's cookie; null if that is gone or unknown. */
interface Left {
  answer: WriteAnswer;
  cookie: TabCookie | null;
}

const CHANGED_SINCE = "Not undone: the session has been changed since.";

/** Restores the kept copy. Null if it worked, otherwise one sentence about why not. */
export async function takeBackWrite<N extends WriteCall>(
  parts: WriteParts,
  write: Write<N>,
  { answer, cookie }: Left,
): Promise<string | null> {
  const { subject } = write;
  const moved = answer.cookie !== null && answer.cookie !== valueOfPossession(answer.kept.cookie);
  try {
    if (moved && !(await isAsLeft(parts, write, answer))) return CHANGED_SINCE;
    const restored = toOutcome(
      await parts.bridge.call(subject.origin, "restore", {
        protocol: PROTOCOL_VERSION,
        cookie: answer.kept.cookie,
        kept: answer.kept,
        replaces: moved ? answer.cookie : null,
        ifVersion: moved ? null : (answer.session?.version ?? null),
      }),
    );
    const ended = await settle(write, restored, answer.session);
    if (ended !== null) return ended;
    // Undoing a write that did not change the cookie does not change it either: a sliding session has moved its expiry since.
    if (cookie === subject.cookie) return null;
    const back = await parts.cookies.write(subject.cookie, cookie);
    return back.ok ? null : `The session is back, but the cookie is not: ${showUnseen(back.reason)}`;
  } finally {
    parts.refresh();
  }
}

/** True when the session under its new key is still as the write left it. */
async function isAsLeft<N extends WriteCall>(
  { bridge }: WriteParts,
  { subject }: Write<N>,
  answer: WriteAnswer,
): Promise<boolean> {
  const request = { protocol: PROTOCOL_VERSION, cookie: answer.cookie ?? "" };
  const now = await bridge.call(subject.origin, "session", request);
  const version = now.ok && now.answer.found ? now.answer.session.version : null;
  return version === answer.session?.version;
}

/** After a conflict, the inverse is applied to the current version. */
async function settle<N extends WriteCall>(
  write: Write<N>,
  restored: Outcome,
  written: SessionState | null,
): Promise<string | null> {
  if (restored.kind === "done") return null;
  if (restored.kind === "failed") return `Not undone: ${restored.reason}`;
  const again = await write.inverse?.(write.subject, restored.now, written);
  return again?.kind === "done" ? null : CHANGED_SINCE;
}
