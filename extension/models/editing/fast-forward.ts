/**
 * Fast-forward: the stored expiries of cookie and server session move earlier together. No clock is changed, so only this one
 * session ages.
 */
import { computed, createModel, type ReadonlySignal, signal } from "@preact/signals";
import { BEFORE_END_MS, earlier, saidOf } from "../../logic/fast-forward.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { CookiesPort } from "../../ports/ports.ts";
import type { Live, Subject } from "../showing/session.ts";
import type { Change } from "./undo.ts";
import type { Outcome } from "./write.ts";
import { writeCookieBack } from "./write-cookie-back.ts";

interface FastForwardOptions {
  cookies: CookiesPort;
  live: ReadonlySignal<Live>;
  /** The selected cookie, even if there is no bridge. */
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

/** Moves the current session and its cookie forward. */
export const FastForwardModel = createModel((options: FastForwardOptions) => {
  const busy = signal(false);
  /** The server's session, if it can be moved. */
  const server = computed(() => {
    const live = options.live.value;
    return live.state === "present" && options.serverOff.value === null ? live : null;
  });
  const cookie = computed(() => server.value?.subject.cookie ?? options.cookie.value);
  /** The earlier expiry of the two by the browser's clock, or null if neither has one. */
  const end = computed<number | null>(() => {
    const stored = server.value?.session.expiresAt ?? null;
    const theirs = stored === null ? null : stored - options.aheadMs.value;
    const ends = [cookie.value?.expiresAt, theirs].filter((at) => typeof at === "number");
    return ends.length === 0 ? null : Math.min(...ends);
  });

  const forwardCookie = async (old: TabCookie, seconds: number): Promise<void> => {
    const result = await options.cookies.write(
      { ...old, expiresAt: earlier(old.expiresAt, seconds, options.now()) },
      old,
    );
    if (!result.ok) return options.tell(`Not moved: ${result.reason}`);
    options.did({
      did: saidOf(seconds),
      back: () => writeCookieBack({ port: options.cookies, refresh: options.refresh }, old, result.cookie),
    });
  };
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
          options.tell("Not moved: the session has changed in the meantime. Try again.");
      } else if (about.expiresAt !== null) {
        await forwardCookie(about, seconds);
      }
    } finally {
      busy.value = false;
      options.refresh();
    }
  };

  return {
    busy,
    end,
    cookie,
    server,
    forward,
    /** To five seconds before the earlier expiry. */
    async toEnd() {
      const at = end.peek();
      if (at !== null) await forward(Math.floor((at - options.now() - BEFORE_END_MS) / 1000));
    },
  };
});
