/** What the session pane says if a bridge reads but finds no session now, and why. */
import type { Mismatch, NoSession } from "session-bridge/protocol";
import { PROTOCOL_VERSION } from "session-bridge/protocol";
import { type BridgeProblem, serverWords } from "../bridge-problem.ts";
import { MIXED_STEP, sayMixed } from "../explain/crossed.ts";
import type { ChunkOrigin } from "../explain/facts.ts";
import { isDjango } from "../of-library.ts";
import { showUnseen } from "../show-unseen.ts";
import { CARRIED_ENGINES } from "../sooner-expiry.ts";
import { formatShort } from "../time-text.ts";
import { noAccess, refused } from "./bridge-notices.ts";
import type { NoticeRule, NoticeText } from "./notice.ts";

/** The result of reading the session. */
type LiveStanding =
  | { state: "unknown" }
  | { state: "none"; reason: NoSession; accepted?: AcceptedCopy | null }
  | { state: "present" }
  | { state: "failed"; problem: BridgeProblem };

/** Nothing is stored, and the library still accepts the cookie from a copy in another cookie that the browser holds. */
interface AcceptedCopy {
  /** Name of the cookie with the copy. */
  name: string;
  /** Milliseconds until the library no longer accepts it. */
  leftMs: number;
}

/** What the panel knows of the bridge that it queried. */
interface AskedBridge {
  library: string;
  engine: string;
  /** Names of the session cookies that it reads. */
  names: readonly string[];
  /** What it reports about its own settings. */
  mismatch: Mismatch | null;
}

/** What is known of the session now. */
interface LiveFacts {
  bridge: AskedBridge;
  /** A cookie that looks like a session cookie, which the browser sends to this server and the bridge does not read. */
  unread: string | null;
  live: LiveStanding;
  /** The selected cookie, if the browser sends it to none of the page's addresses. */
  withheld: { name: string; path: string } | null;
  /** Name of the cookie that was sent to the server; null if there is none. */
  name: string | null;
  /** Chunks of the session cookie that no single response has set. Absent or null: none are known. */
  mixed?: readonly ChunkOrigin[] | null;
}

/** In order: the first that applies is shown. */
export const LIVE_NOTICES: readonly NoticeRule<LiveFacts>[] = [
  {
    name: "not-sent-here",
    tell: ({ withheld }) =>
      withheld && {
        title: "The browser does not send this cookie here",
        sentence: `${showUnseen(withheld.name)} belongs to ${showUnseen(withheld.path)}. Open a page of the app there to see its session.`,
      },
  },
  {
    name: "settings-differ",
    tell({ live, bridge: { mismatch } }) {
      if (live.state !== "none" || mismatch === null || !MISMATCHES[mismatch.of].hides(live.reason))
        return null;
      return { title: MISMATCHES[mismatch.of].title, sentence: serverWords(mismatch.why) };
    },
  },
  {
    name: "chunks-of-two-generations",
    tell({ live, name, mixed = null }) {
      if (live.state !== "none" || live.reason !== "tampered" || name === null || mixed === null) return null;
      return {
        title: "The chunks of the session cookie do not belong together",
        sentence: `${sayMixed(name, mixed)} ${MIXED_STEP}`,
      };
    },
  },
  whereNone("not-opened", "tampered", (name, { engine, library }) =>
    CARRIED_ENGINES.includes(engine)
      ? {
          title: "The session cookie cannot be opened",
          sentence: `${toName(name, "The cookie")} was made with a different secret than the bridge has, was changed, or has expired.${isApp(library) ? " The server will treat it as no session." : ""}`,
          ...SHOW_COOKIE,
        }
      : null,
  ),
  whereNone("stored-not-decoded", "tampered", (name, { engine, library }) =>
    isDjango(library) && !DJANGO_SIGNS.includes(engine)
      ? {
          title: "The stored session cannot be read",
          sentence: `What the store has for ${toName(name)} cannot be decoded: it was stored with other settings or by other code, or changed.`,
        }
      : null,
  ),
  whereNone("stored-not-readable", "tampered", (name, { library }) =>
    SIGNS_ROWS.includes(library)
      ? {
          title: "The stored session cannot be read",
          sentence: `What the store has for ${toName(name)} does not match the bridge's secret: it was stored with a different one, or changed.${isApp(library) ? " The app starts with an empty session." : ""}`,
        }
      : null,
  ),
  whereNone("not-verified", "tampered", (name) => ({
    title: "The bridge cannot verify this cookie",
    sentence: `The signature of ${toName(name)} does not match the bridge's secret. The cookie was changed, or the app has a different secret: compare the two.`,
    ...SHOW_COOKIE,
  })),
  whereNone("not-seen-yet", "unproven", () => ({
    title: "The server has not seen this cookie yet",
    sentence: "The server has not seen this cookie in a request yet. Reload the page.",
    button: "Reload page",
    action: "reload-page",
  })),
  {
    name: "accepted-from-copy",
    tell({ live, name }) {
      if (live.state !== "none" || live.reason !== "unknown" || !live.accepted || name === null) return null;
      const { name: copy, leftMs } = live.accepted;
      if (leftMs <= 0) return null;
      return {
        title: `Gone on the server, still accepted from the cookie for ${formatShort(leftMs)}`,
        sentence: `The store has nothing for ${showUnseen(name)}. The app still accepts it, because ${showUnseen(copy)} holds a copy of the session. Delete that cookie to end it now in this browser.`,
        button: `Delete ${showUnseen(copy)}`,
        action: "delete-copy",
      };
    },
  },
  whereNone("no-such-session", "unknown", (name) => ({
    title: "The server holds no such session",
    sentence: `The browser holds ${name === null ? "a cookie" : showUnseen(name)}, but the store that the bridge reads has nothing for it: the session expired, was flushed, never existed, or is in another store.`,
  })),
  {
    name: "another-cookie",
    tell: ({ live, bridge: { names }, unread }) =>
      live.state === "none" && live.reason === "no-cookie" && unread !== null
        ? {
            title: "No cookie that the bridge reads",
            sentence: `The bridge reads ${names.map(showUnseen).join(" and ")}. The browser sends ${showUnseen(unread)} to this server, which looks like a session cookie. If it is the app's, give the bridge that name.`,
          }
        : null,
  },
  whereNone("no-session-yet", "no-cookie", () => ({
    title: "No session yet",
    sentence: "Sign in, or do whatever starts a session in your app. It appears here by itself.",
  })),
  whereFailed("read-refused", (problem) => (problem.kind === "refused" ? refused(problem.refusal) : null)),
  whereFailed("read-without-access", (problem) =>
    problem.kind === "no-access" ? noAccess(problem.origin) : null,
  ),
  whereFailed("read-unanswered", ({ kind }) =>
    kind === "unreachable"
      ? {
          title: "The session could not be read",
          sentence: "The server did not answer. What it holds now is not known.",
          button: "Try now",
          action: "try-now",
        }
      : null,
  ),
  whereFailed("read-by-no-bridge", ({ kind }) =>
    kind === "absent"
      ? {
          title: "The session could not be read",
          sentence: "The server answered, but not as a bridge. What it holds now is not known.",
          button: "Check again",
          action: "check-again",
        }
      : null,
  ),
  whereFailed("read-not-understood", (problem) =>
    problem.kind === "malformed" ? notUnderstood(problem.detail) : null,
  ),
];

/** An answer that the panel cannot read, and where it failed. */
export function notUnderstood(detail: string): NoticeText {
  return {
    title: "The bridge's answer could not be read",
    sentence: `What the session holds now is not known. ${detail}`,
    button: "Copy report",
    action: "copy-report",
  };
}

/** The text of a problem report: the notice's words and the versions, nothing about cookies or sessions. */
export function reportOf({ title, sentence }: NoticeText, browser: string): string {
  return `${title}. ${sentence}\nprotocol ${PROTOCOL_VERSION}\n${browser}\n`;
}

/** What each setting hides if it differs: the reason that the bridge gives for "no session". */
const MISMATCHES: Record<Mismatch["of"], { title: string; hides(reason: NoSession): boolean }> = {
  secret: { title: "The bridge's secret is not the app's", hides: (reason) => reason === "tampered" },
  name: { title: "The bridge's cookie name is not the app's", hides: (reason) => reason === "no-cookie" },
  store: { title: "The bridge's store is not the app's", hides: (reason) => reason === "unknown" },
  other: { title: "The bridge's settings are not the app's", hides: () => true },
};

/** Libraries whose cookie is a bare key, and whose stored string is signed. */
const SIGNS_ROWS = ["session-bridge", "Django"];
/** Django's engines whose stored string is signed. What is in a cache is not, and a site's own engine may do anything. */
const DJANGO_SIGNS = ["db", "cached_db", "file"];
const SHOW_COOKIE = { button: "Show cookie", action: "show-cookie" } as const;

/** True if app and bridge are one library with one secret: the app refuses what the bridge refuses. */
function isApp(library: string): boolean {
  return library === "session-bridge";
}

function toName(cookie: string | null, unnamed = "the cookie"): string {
  return cookie === null ? unnamed : showUnseen(cookie);
}

function whereNone(
  name: string,
  reason: NoSession,
  say: (cookie: string | null, bridge: AskedBridge) => NoticeText | null,
): NoticeRule<LiveFacts> {
  return {
    name,
    tell: ({ live, name: cookie, bridge }) =>
      live.state === "none" && live.reason === reason ? say(cookie, bridge) : null,
  };
}

function whereFailed(
  name: string,
  say: (problem: BridgeProblem) => NoticeText | null,
): NoticeRule<LiveFacts> {
  return { name, tell: ({ live }) => (live.state === "failed" ? say(live.problem) : null) };
}
