/**
 * Every change of a session through the bridge: compare-and-swap on the server, the browser's cookie brought in line,
 * another look, and the way back.
 */
import { createModel, signal } from "@preact/signals";
import {
  type Calls,
  type EditOperation,
  type ExpiryChange,
  PROTOCOL_VERSION,
  type SessionState,
  type WriteAnswer,
} from "session-bridge/protocol";
import { clashes, inverseOf } from "../../logic/json/edit-operations.ts";
import { problemText } from "../../logic/problems.ts";
import type { BridgePort, CallResult, CookiesPort, TabCookie } from "../../ports/ports.ts";
import type { Subject } from "../showing/session.ts";
import { earlier } from "./fast-forward.ts";
import type { Change } from "./undo.ts";

/** How a write ended. `conflict` carries the session as it is now; nothing was written then. */
export type Outcome =
  | { kind: "done"; answer: WriteAnswer }
  | { kind: "conflict"; now: SessionState }
  | { kind: "failed"; reason: string };

export interface WritesOptions {
  bridge: BridgePort;
  cookies: CookiesPort;
  now: () => number;
  /** Reads session and cookies again. */
  refresh: () => void;
  did: (change: Change) => void;
}

type WriteCall = "edit" | "expiry" | "cycle" | "flush";

/** One write: what is asked, on which session, and what its undo is called. */
interface Write<N extends WriteCall> {
  call: N;
  subject: Subject;
  session: SessionState;
  request: Omit<Calls[N]["request"], "protocol" | "cookie" | "ifVersion">;
  /** The cookie's expiry after it; undefined leaves it. */
  cookieExpiry: (answer: WriteAnswer) => number | null | undefined;
  did: string;
  /** The way back when someone wrote in between and the kept copy would overwrite that. `written` is what this write left. */
  inverse?: (subject: Subject, now: SessionState, written: SessionState | null) => Promise<Outcome>;
}

export const WritesModel = createModel((options: WritesOptions) => {
  const pending = signal(false);

  const call = <N extends keyof Calls>(subject: Subject, name: N, request: Calls[N]["request"]) =>
    options.bridge.call(subject.origin, name, request);

  const perform = async <N extends WriteCall>(write: Write<N>): Promise<Outcome> => {
    const { subject, session } = write;
    pending.value = true;
    try {
      const possession = {
        protocol: PROTOCOL_VERSION,
        cookie: subject.cookie.value,
        ifVersion: session.version,
      };
      // The request of each write call is its own fields and the possession.
      const request = { ...write.request, ...possession } as unknown as Calls[N]["request"];
      const outcome = toOutcome(await call(subject, write.call, request));
      if (outcome.kind !== "done") return outcome;
      const { answer } = outcome;
      const expiry = write.cookieExpiry(answer);
      const now = await follow(subject.cookie, answer.cookie, expiry);
      options.did({
        did: now.problem === null ? write.did : `${write.did}, but the cookie was not: ${now.problem}`,
        back: () => takeBack(write, answer, now.cookie),
      });
      return outcome;
    } finally {
      pending.value = false;
      options.refresh();
    }
  };

  /** Brings the browser's cookie in line with the server. */
  const follow = async (cookie: TabCookie, value: string | null, expiry: number | null | undefined) => {
    if (value === null) {
      const gone = await options.cookies.remove(cookie);
      return { cookie: null, problem: gone ? null : "it is still there." };
    }
    const expiresAt = expiry === undefined ? cookie.expiresAt : expiry;
    if (value === cookie.value && expiresAt === cookie.expiresAt) return { cookie, problem: null };
    const written = await options.cookies.write({ ...cookie, value, expiresAt }, cookie);
    if (written.ok) return { cookie: written.cookie, problem: null };
    return { cookie: written.restored ? cookie : null, problem: written.reason };
  };

  /** Puts the kept copy back, unless that would throw away what someone wrote since. */
  const takeBack = async <N extends WriteCall>(
    write: Write<N>,
    answer: WriteAnswer,
    cookie: TabCookie | null,
  ): Promise<string | null> => {
    const { subject } = write;
    const moved = answer.cookie !== null && answer.cookie !== answer.kept.cookie;
    try {
      if (moved) {
        const now = await call(subject, "session", {
          protocol: PROTOCOL_VERSION,
          cookie: answer.cookie ?? "",
        });
        const version = now.ok && now.answer.found ? now.answer.session.version : null;
        if (version !== answer.session?.version) return "Not undone: the session was changed since.";
      }
      const restored = toOutcome(
        await call(subject, "restore", {
          protocol: PROTOCOL_VERSION,
          cookie: answer.kept.cookie,
          kept: answer.kept,
          replaces: moved ? answer.cookie : null,
          ifVersion: moved ? null : (answer.session?.version ?? null),
        }),
      );
      const ended = await settle(write, restored, answer.session);
      if (ended !== null) return ended;
      // A write that left the cookie alone leaves it alone when undone: a sliding session has moved its end since.
      if (cookie === subject.cookie) return null;
      const back = await options.cookies.write(subject.cookie, cookie);
      return back.ok ? null : `The session is back, but the cookie is not: ${back.reason}`;
    } finally {
      options.refresh();
    }
  };

  /** After a conflict the inverse is made on what is there now. */
  const settle = async <N extends WriteCall>(
    write: Write<N>,
    restored: Outcome,
    written: SessionState | null,
  ): Promise<string | null> => {
    if (restored.kind === "done") return null;
    if (restored.kind === "failed") return `Not undone: ${restored.reason}`;
    const again = await write.inverse?.(write.subject, restored.now, written);
    if (again?.kind === "done") return null;
    return "Not undone: the session was changed since.";
  };

  const edit = (subject: Subject, session: SessionState, operations: readonly EditOperation[], did: string) =>
    perform({
      call: "edit",
      subject,
      session,
      request: { operations: [...operations] },
      cookieExpiry: () => undefined,
      did,
      inverse: async (about, now, written) => {
        const back = inverseOf(session.dataJson, operations);
        if (written === null || clashes(written.dataJson, now.dataJson, back).length > 0)
          return { kind: "failed", reason: "The same key was changed since." };
        const request = {
          protocol: PROTOCOL_VERSION,
          cookie: about.cookie.value,
          operations: back,
          ifVersion: now.version,
        };
        return toOutcome(await call(about, "edit", request));
      },
    });

  const setExpiry = (subject: Subject, session: SessionState, change: ExpiryChange, did: string) =>
    perform({
      call: "expiry",
      subject,
      session,
      request: { change },
      cookieExpiry: (answer) =>
        change.kind === "shift"
          ? earlier(subject.cookie.expiresAt, change.shiftSeconds, options.now())
          : answer.cookieExpiresAt,
      did,
      inverse: async (about, now) => {
        if (session.expiresAt === null) return { kind: "failed", reason: "No end was stored." };
        const request = {
          protocol: PROTOCOL_VERSION,
          cookie: about.cookie.value,
          change: { kind: "at" as const, at: session.expiresAt },
          ifVersion: now.version,
        };
        return toOutcome(await call(about, "expiry", request));
      },
    });

  return {
    pending,
    edit,
    setExpiry,
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

function toOutcome(result: CallResult<unknown>): Outcome {
  // Each caller asks a call whose answer is a WriteAnswer; the port has checked it.
  if (result.ok) return { kind: "done", answer: result.answer as WriteAnswer };
  const { problem } = result;
  if (
    problem.kind === "refused" &&
    problem.refusal.code === "conflict" &&
    problem.refusal.session !== undefined
  ) {
    return { kind: "conflict", now: problem.refusal.session };
  }
  return { kind: "failed", reason: problemText(problem) };
}
