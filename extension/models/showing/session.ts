/** The session as the server holds it now: read when the cookie, the server or a trace says that it may have changed. */
import { computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type NoSession, PROTOCOL_VERSION, type SessionState } from "session-bridge/protocol";
import type { BridgeProblem } from "../../logic/bridge-problem.ts";
import { cookieFits } from "../../logic/cookie-rows.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { BridgePort } from "../../ports/ports.ts";
import type { Link } from "../connection/bridge-link.ts";

/** What the session pane is about. */
export interface Subject {
  origin: string;
  cookie: TabCookie;
}

/** What is known of the session now. */
export type Live =
  | { state: "unknown" }
  | { state: "none"; reason: NoSession }
  | { state: "present"; session: SessionState; subject: Subject }
  | { state: "failed"; problem: BridgeProblem };

interface SessionOptions {
  bridge: BridgePort;
  link: ReadonlySignal<Link | null>;
  cookies: ReadonlySignal<readonly TabCookie[]>;
  selected: ReadonlySignal<TabCookie | null>;
  heard: (serverTime: number) => void;
}

export const SessionModel = createModel((options: SessionOptions) => {
  const found = signal<Live>({ state: "unknown" });
  const reading = signal(false);
  let again = false;

  /** The selected cookie where the bridge knows its name, else the first that it does. */
  const subject = computed<Subject | null>(() => {
    const link = options.link.value;
    const hello = link?.hello.value ?? null;
    if (link === null || hello === null) return null;
    const origin = link.origin.value;
    const mine = options.cookies.value.filter(
      (cookie) => hello.cookieNames.includes(cookie.name) && cookieFits(cookie, origin),
    );
    const selected = options.selected.value;
    const cookie = mine.find((each) => each.id === selected?.id) ?? mine[0];
    return cookie === undefined ? null : { origin, cookie };
  });
  const value = computed(() => subject.value?.cookie.value ?? null);
  const origin = computed(() => subject.value?.origin ?? null);
  const ready = computed(() => options.link.value?.state.value.state === "ready");

  const readOnce = async (): Promise<void> => {
    const about = subject.peek();
    const link = options.link.peek();
    if (about === null) {
      found.value = link?.hello.peek() ? { state: "none", reason: "no-cookie" } : { state: "unknown" };
      return;
    }
    const request = { protocol: PROTOCOL_VERSION, cookie: about.cookie.value };
    const result = await options.bridge.call(about.origin, "session", request);
    if (value.peek() !== about.cookie.value || origin.peek() !== about.origin) {
      again = true;
      return;
    }
    found.value = toLive(result, about, found.peek());
    if (result.ok) options.heard(result.answer.serverTime);
  };
  const read = async (): Promise<void> => {
    again = true;
    if (reading.peek()) return;
    reading.value = true;
    try {
      while (again) {
        again = false;
        await readOnce();
      }
    } finally {
      reading.value = false;
    }
  };

  effect(() => {
    value.value;
    origin.value;
    if (ready.value) read();
    else if (options.link.value === null || isOther(found.peek(), subject.peek()))
      found.value = { state: "unknown" };
  });
  /** What was read, about the cookie as it is now: a sliding session moves its end and keeps its value. */
  const live = computed<Live>(() => {
    const [read, about] = [found.value, subject.value];
    if (read.state !== "present" || about === null || isOther(read, about)) return read;
    return about.cookie.value === read.subject.cookie.value ? { ...read, subject: about } : read;
  });

  return { live, reading, subject, read };
});

/** True when what was read is another cookie's session than the one in question. */
function isOther(live: Live, subject: Subject | null): boolean {
  if (live.state !== "present" || subject === null) return false;
  return live.subject.origin !== subject.origin || live.subject.cookie.id !== subject.cookie.id;
}

/** A failed read keeps what was there of the same cookie: partial truth beats a blank. */
function toLive(result: Awaited<ReturnType<BridgePort["call"]>>, subject: Subject, before: Live): Live {
  if (!result.ok) {
    const stays = before.state === "present" && !isOther(before, subject);
    return stays ? before : { state: "failed", problem: result.problem };
  }
  const answer = result.answer;
  if (!("found" in answer)) return before;
  if (answer.found) return { state: "present", session: answer.session, subject };
  return { state: "none", reason: answer.reason };
}
