/** The session as the server holds it now: read when the cookie, the server or a trace shows that it may have changed. */
import { computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import {
  type EpochMs,
  type NoSession,
  PROTOCOL_VERSION,
  type SessionAnswer,
  type SessionState,
} from "session-bridge/protocol";
import type { BridgeProblem } from "../../logic/bridge-problem.ts";
import { findCopy } from "../../logic/cookie-copies.ts";
import { isCookieOf } from "../../logic/cookie-fits.ts";
import { originOf } from "../../logic/timeline/entry.ts";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { BridgePort, CallResult } from "../../ports/ports.ts";
import type { Link } from "../connection/bridge-link.ts";
import { createReading } from "./create-reading.ts";

/** What the session pane is about. */
export interface Subject {
  origin: string;
  cookie: TabCookie;
}

/** What is known of the session now. */
export type Live =
  | { state: "unknown" }
  /** `acceptedUntil`: the library still accepts the cookie until then, by the server's clock, from a copy in another cookie. */
  | { state: "none"; reason: NoSession; acceptedUntil?: EpochMs }
  | { state: "present"; session: SessionState; subject: Subject }
  | { state: "failed"; problem: BridgeProblem };

interface SessionOptions {
  bridge: BridgePort;
  link: ReadonlySignal<Link | null>;
  selected: ReadonlySignal<TabCookie | null>;
  /** The cookie that the user chose; null if they chose none. */
  chosen: ReadonlySignal<TabCookie | null>;
  /** The browser's list has arrived: only then is it known that a cookie is not there. */
  isListed: ReadonlySignal<boolean>;
  now: () => EpochMs;
  /** The server's time, in an answer to a question of then. */
  heard: (origin: string, serverTime: EpochMs, askedAt: EpochMs) => void;
}

export const SessionModel = createModel((options: SessionOptions) => {
  const found = signal<Live>({ state: "unknown" });

  const { withheld, subject } = findSubject(options);
  const value = computed(() => subject.value?.cookie.value ?? null);
  const origin = computed(() => subject.value?.origin ?? null);
  const ready = computed(() => options.link.value?.state.value.state === "ready");

  const readOnce = async (again: () => void): Promise<void> => {
    const about = subject.peek();
    const link = options.link.peek();
    if (about === null) {
      const isKnown = link?.hello.peek() && options.isListed.peek();
      found.value = isKnown ? { state: "none", reason: "no-cookie" } : { state: "unknown" };
      return;
    }
    const request = { protocol: PROTOCOL_VERSION, cookie: about.cookie.value };
    const askedAt = options.now();
    const result = await options.bridge.call(about.origin, "session", request);
    if (value.peek() !== about.cookie.value || origin.peek() !== about.origin) {
      again();
      return;
    }
    const before = found.peek();
    found.value = toLive(result, about, before);
    // A possession that was not proven when the stream was opened is proven now, so its traces are available.
    if (isUnproven(before) && !isUnproven(found.peek())) link?.reopen();
    if (result.ok) options.heard(about.origin, result.answer.serverTime, askedAt);
  };
  const { reading, read } = createReading(readOnce);

  effect(() => {
    value.value;
    origin.value;
    options.isListed.value;
    if (ready.value) read();
    else if (
      withheld.value !== null ||
      isElsewhere(found.peek(), options.link.value) ||
      isOther(found.peek(), subject.peek())
    )
      found.value = { state: "unknown" };
  });
  /** What was read, with the cookie as it is now: a sliding session moves its expiry and keeps its value. */
  const live = computed<Live>(() => {
    const [read, about] = [found.value, subject.value];
    if (withheld.value !== null || isElsewhere(read, options.link.value)) return { state: "unknown" };
    if (read.state !== "present" || about === null || isOther(read, about)) return read;
    return about.cookie.value === read.subject.cookie.value ? { ...read, subject: about } : read;
  });

  return {
    live,
    reading,
    subject,
    withheld,
    /** The cookie in which the browser holds a copy of the session; null if it holds none. */
    copy: computed(() => copyOf(options.link.value, subject.value)),
    read,
    /** A traced request of the server may be the one in which it accepts a cookie that it had not seen before. */
    saw(request: NetworkRequest) {
      const waits = isUnproven(found.peek()) && request.traceId !== null && request.status !== null;
      if (waits && originOf(request.url) === origin.peek()) void read();
    },
  };
});

function copyOf(link: Link | null, subject: Subject | null): TabCookie | null {
  return link === null || subject === null ? null : findCopy(link.cookies.value, subject.cookie.name);
}

/** What the pane is about. */
function findSubject({ link: current, selected, chosen }: SessionOptions) {
  /** The selected cookie, if it is a session cookie of this server that the browser does not send to this page's addresses. */
  const withheld = computed<TabCookie | null>(() => {
    const [link, cookie] = [current.value, chosen.value];
    if (link === null || cookie === null || !link.hello.value?.cookieNames.includes(cookie.name)) return null;
    const isSent = link.cookies.value.some(({ id }) => id === cookie.id);
    return isSent || !isCookieOf(cookie, link.origin.value) ? null : cookie;
  });
  /** The selected cookie if the bridge knows its name, otherwise the first that it does. */
  const subject = computed<Subject | null>(() => {
    const link = current.value;
    const hello = link?.hello.value ?? null;
    if (link === null || hello === null || !hello.capabilities.includes("read")) return null;
    if (withheld.value !== null) return null;
    const origin = link.origin.value;
    const mine = link.cookies.value.filter((cookie) => hello.cookieNames.includes(cookie.name));
    const cookie = mine.find((each) => each.id === selected.value?.id) ?? mine[0];
    return cookie === undefined ? null : { origin, cookie };
  });
  return { withheld, subject };
}

/** True when what was read belongs to another server than the current one, if only briefly. */
function isElsewhere(live: Live, link: Link | null): boolean {
  return link === null || (live.state === "present" && live.subject.origin !== link.origin.value);
}

function isUnproven(live: Live): boolean {
  return live.state === "none" && live.reason === "unproven";
}

/** True when what was read is the session of another cookie than the one in question. */
function isOther(live: Live, subject: Subject | null): boolean {
  if (live.state !== "present" || subject === null) return false;
  return live.subject.origin !== subject.origin || live.subject.cookie.id !== subject.cookie.id;
}

/** A failed read keeps what was read for the same cookie: partial truth beats a blank. */
function toLive(result: CallResult<SessionAnswer>, subject: Subject, before: Live): Live {
  if (!result.ok) {
    const stays = before.state === "present" && !isOther(before, subject);
    return stays ? before : { state: "failed", problem: result.problem };
  }
  const { answer } = result;
  if (answer.found) return { state: "present", session: answer.session, subject };
  const { reason, acceptedUntil } = answer;
  return { state: "none", reason, ...(acceptedUntil !== undefined && { acceptedUntil }) };
}
