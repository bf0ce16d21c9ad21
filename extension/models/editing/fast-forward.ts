/**
 * As if time had passed: the stored ends of cookie and server session move earlier together. No clock is touched, so
 * only this one session ages.
 */
import { computed, createModel, type ReadonlySignal, signal } from "@preact/signals";
import type { CookiesPort, TabCookie } from "../../ports/ports.ts";
import type { Live, Subject } from "../showing/session.ts";
import type { Outcome } from "./session-writes.ts";
import type { Change } from "./undo.ts";

export interface FastForwardOptions {
  cookies: CookiesPort;
  live: ReadonlySignal<Live>;
  /** The selected cookie, also where there is no bridge. */
  cookie: ReadonlySignal<TabCookie | null>;
  /** Why the server's side cannot be moved, or null. */
  serverOff: ReadonlySignal<string | null>;
  now: () => number;
  /** Server's clock minus the browser's, milliseconds. */
  aheadMs: ReadonlySignal<number>;
  shift: (subject: Subject, seconds: number) => Promise<Outcome>;
  refresh: () => void;
  did: (change: Change) => void;
  tell: (text: string) => void;
}

/** "Just before it expires" leaves this long to look. */
export const BEFORE_END_MS = 5000;

export const FastForwardModel = createModel((options: FastForwardOptions) => {
  const busy = signal(false);
  /** The server's session, where it can be moved. */
  const server = computed(() => {
    const live = options.live.value;
    return live.state === "present" && options.serverOff.value === null ? live : null;
  });
  const cookie = computed(() => server.value?.subject.cookie ?? options.cookie.value);
  /** The nearest end of the two by the browser's clock, or null when neither has one. */
  const end = computed<number | null>(() => {
    const stored = server.value?.session.expiresAt ?? null;
    const theirs = stored === null ? null : stored - options.aheadMs.value;
    const ends = [cookie.value?.expiresAt, theirs].filter((at) => typeof at === "number");
    return ends.length === 0 ? null : Math.min(...ends);
  });

  const forward = async (seconds: number): Promise<void> => {
    const about = cookie.peek();
    const held = server.peek();
    if (about === null || busy.peek() || seconds <= 0) return;
    busy.value = true;
    try {
      if (held !== null) {
        const outcome = await options.shift(held.subject, seconds);
        if (outcome.kind === "failed") options.tell(`Not moved: ${outcome.reason}`);
        if (outcome.kind === "conflict")
          options.tell("Not moved: the session was changed meanwhile. Try again.");
      } else if (about.expiresAt !== null) {
        await forwardCookie(about, seconds);
      }
    } finally {
      busy.value = false;
      options.refresh();
    }
  };
  const forwardCookie = async (old: TabCookie, seconds: number): Promise<void> => {
    const result = await options.cookies.write(
      { ...old, expiresAt: earlier(old.expiresAt, seconds, options.now()) },
      old,
    );
    if (!result.ok) return options.tell(`Not moved: ${result.reason}`);
    options.did({
      did: saidOf(seconds),
      back: async () => {
        const back = await options.cookies.write(old, result.cookie);
        options.refresh();
        return back.ok ? null : `Not undone: ${back.reason}`;
      },
    });
  };

  return {
    busy,
    end,
    cookie,
    server,
    forward,
    /** To five seconds before the nearest end. */
    async toEnd() {
      const at = end.peek();
      if (at !== null) await forward(Math.floor((at - options.now() - BEFORE_END_MS) / 1000));
    },
  };
});

/** What is moved beyond its end ends so soon: browsers take no cookie that has ended, and the panel sees it run out. */
const ENDS_AT_ONCE_MS = 2000;

/** The end of a cookie, so many seconds earlier; null ends with the browser, whatever time passes. */
export function earlier(expiresAt: number | null, seconds: number, now: number): number | null {
  return expiresAt === null ? null : Math.max(expiresAt - seconds * 1000, now + ENDS_AT_ONCE_MS);
}

/** `Moved 10 min forward`: what the change is called. */
export function saidOf(seconds: number): string {
  const whole = seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
  return `Moved ${whole} forward`;
}
