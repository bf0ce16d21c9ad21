/** Every change of a session that the panel offers: values, expiry, a new key, a flush. */
import { createModel, signal } from "@preact/signals";
import {
  type EditOperation,
  type ExpiryChange,
  PROTOCOL_VERSION,
  type SessionState,
} from "session-bridge/protocol";
import { earlier } from "../../logic/fast-forward.ts";
import { clashes, inverseOf } from "../../logic/json/edit-operations.ts";
import { toBrowserTime } from "../../logic/server-clock.ts";
import type { Subject } from "../showing/session.ts";
import { performWrite } from "./perform-write.ts";
import { type Outcome, toOutcome, type Write, type WriteCall, type WriteParts } from "./write.ts";

/** The writes; the panel offers one at a time. */
export const SessionWritesModel = createModel((parts: WriteParts) => {
  const pending = signal(false);

  const perform = async <N extends WriteCall>(write: Write<N>): Promise<Outcome> => {
    pending.value = true;
    try {
      return await performWrite(parts, write);
    } finally {
      pending.value = false;
      parts.refresh();
    }
  };

  return {
    pending,
    edit: (subject: Subject, session: SessionState, operations: readonly EditOperation[], did: string) =>
      perform(editOf(parts, subject, session, { operations, did })),
    /** A date in `change` is by the browser's clock. */
    setExpiry: (subject: Subject, session: SessionState, change: ExpiryChange, did: string) =>
      perform(expiryOf(parts, subject, session, { change, did })),
    cycle: (subject: Subject, session: SessionState) =>
      perform({
        call: "cycle",
        subject,
        session,
        request: {},
        cookieExpiry: () => undefined,
        did: "Gave the session a new key",
      }),
    flush: (subject: Subject, session: SessionState) =>
      perform({
        call: "flush",
        subject,
        session,
        request: {},
        cookieExpiry: () => undefined,
        did: "Flushed the session",
      }),
  };
});

function editOf(
  { bridge }: WriteParts,
  subject: Subject,
  session: SessionState,
  { operations, did }: { operations: readonly EditOperation[]; did: string },
): Write<"edit"> {
  return {
    call: "edit",
    subject,
    session,
    request: { operations: [...operations] },
    cookieExpiry: () => undefined,
    did,
    inverse: async (about, now, written) => {
      const back = inverseOf(session.dataJson, operations);
      if (written === null || clashes(written.dataJson, now.dataJson, back).length > 0)
        return { kind: "failed", reason: "The same key has been changed since." };
      const request = {
        protocol: PROTOCOL_VERSION,
        cookie: about.cookie.value,
        operations: back,
        ifVersion: now.version,
      };
      return toOutcome(await bridge.call(about.origin, "edit", request));
    },
  };
}

function expiryOf(
  parts: WriteParts,
  subject: Subject,
  session: SessionState,
  { change, did }: { change: ExpiryChange; did: string },
): Write<"expiry"> {
  const aheadMs = parts.aheadOf(subject.origin) ?? 0;
  return {
    call: "expiry",
    subject,
    session,
    request: { change: change.kind === "at" ? { ...change, at: change.at + aheadMs } : change },
    cookieExpiry: (answer) =>
      change.kind === "shift"
        ? earlier(subject.cookie.expiresAt, change.shiftSeconds, parts.now())
        : toBrowserTime(answer.cookieExpiresAt, aheadMs),
    did,
    inverse: async (about, now) => {
      if (session.expiresAt === null) return { kind: "failed", reason: "No expiry was stored." };
      const request = {
        protocol: PROTOCOL_VERSION,
        cookie: about.cookie.value,
        change: { kind: "at" as const, at: session.expiresAt },
        ifVersion: now.version,
      };
      return toOutcome(await parts.bridge.call(about.origin, "expiry", request));
    },
  };
}
