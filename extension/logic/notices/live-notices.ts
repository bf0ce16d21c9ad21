/** What the session pane says where a bridge reads and shows no session now, and why. */
import type { NoSession } from "session-bridge/protocol";
import { PROTOCOL_VERSION } from "session-bridge/protocol";
import type { BridgeProblem } from "../bridge-problem.ts";
import { showUnseen } from "../show-unseen.ts";
import { noAccess, refused } from "./bridge-notices.ts";
import type { NoticeRule, NoticeText } from "./notice.ts";

/** What a read of the session has shown. */
type LiveStanding =
  | { state: "unknown" }
  | { state: "none"; reason: NoSession }
  | { state: "present" }
  | { state: "failed"; problem: BridgeProblem };

/** What is known of the session now. */
interface LiveFacts {
  live: LiveStanding;
  /** The chosen cookie, where the browser sends it to none of the page's addresses. */
  withheld: { name: string; path: string } | null;
  /** Name of the cookie that was shown to the server; null when there is none. */
  name: string | null;
}

/** In order: the first whose case it is speaks. */
export const LIVE_NOTICES: readonly NoticeRule<LiveFacts>[] = [
  {
    name: "not-sent-here",
    tell: ({ withheld }) =>
      withheld && {
        title: "The browser does not send this cookie here",
        sentence: `${showUnseen(withheld.name)} belongs to ${showUnseen(withheld.path)}. Open a page of the app there: its session shows then.`,
      },
  },
  whereNone("wrong-signature", "tampered", (name) => ({
    title: "The cookie's signature is wrong",
    sentence: `The server will treat it as no session. Cookie: ${name === null ? "unknown" : showUnseen(name)}.`,
    button: "Show cookie",
    action: "show-cookie",
  })),
  whereNone("not-seen-yet", "unproven", () => ({
    title: "The server has not seen this cookie yet",
    sentence: "The server has not seen this cookie in a request yet. Reload the page.",
    button: "Reload page",
    action: "reload-page",
  })),
  whereNone("no-such-session", "unknown", (name) => ({
    title: "The server holds no such session",
    sentence: `The browser holds ${name === null ? "a cookie" : showUnseen(name)}, and the store that the bridge reads has nothing for it: the session expired, was flushed, never was, or is in another store.`,
  })),
  whereNone("no-session-yet", "no-cookie", () => ({
    title: "No session yet",
    sentence: "Sign in, or do what starts a session in your app. It appears here by itself.",
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
          sentence: "The server answered, and not as a bridge. What it holds now is not known.",
          button: "Check again",
          action: "check-again",
        }
      : null,
  ),
  whereFailed("read-not-understood", (problem) =>
    problem.kind === "malformed" ? notUnderstood(problem.detail) : null,
  ),
];

/** An answer that the panel cannot read, with what it stumbled over. */
export function notUnderstood(detail: string): NoticeText {
  return {
    title: "The bridge's answer is not understood",
    sentence: `What the session holds now is not known. ${detail}`,
    button: "Copy report",
    action: "copy-report",
  };
}

/** What a report of a trouble holds: the notice's words and the versions, nothing of cookies or sessions. */
export function reportOf({ title, sentence }: NoticeText, browser: string): string {
  return `${title}. ${sentence}\nprotocol ${PROTOCOL_VERSION}\n${browser}\n`;
}

function whereNone(
  name: string,
  reason: NoSession,
  say: (cookie: string | null) => NoticeText,
): NoticeRule<LiveFacts> {
  return {
    name,
    tell: ({ live, name: cookie }) => (live.state === "none" && live.reason === reason ? say(cookie) : null),
  };
}

function whereFailed(
  name: string,
  say: (problem: BridgeProblem) => NoticeText | null,
): NoticeRule<LiveFacts> {
  return { name, tell: ({ live }) => (live.state === "failed" ? say(live.problem) : null) };
}
