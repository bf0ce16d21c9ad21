/** What an empty or troubled place of the panel says: title, one sentence, at most one button. Words only. */
import type { HelloAnswer, NoSession, Refusal } from "session-bridge/protocol";
import { PROTOCOL_VERSION } from "session-bridge/protocol";
import { refusalText, serverWords } from "./bridge-problem.ts";
import { showUnseen } from "./show-unseen.ts";
import { formatTime } from "./time-text.ts";
import { type Entry, sidesOf } from "./timeline/entry.ts";

/** What a notice's button does; the panel knows how. */
export type NoticeAction =
  | "check-again"
  | "allow"
  | "watch-all"
  | "reload-page"
  | "clear-filter"
  | "try-now"
  | "show-cookie"
  | "how-to-allow"
  | "choose-origin"
  | "copy-report";

export interface NoticeText {
  title: string;
  sentence: string;
  button?: string;
  action?: NoticeAction;
  /** A line of code to copy. */
  code?: string;
  /** The origin that the button is about. */
  origin?: string;
}

/** What brings an old bridge to this panel's version. */
const UPDATE_COMMAND = "npm install session-bridge@latest";

/** Browser pages, extension stores and the like. */
export const CLOSED_PAGE: NoticeText = {
  title: "Nothing to inspect here",
  sentence:
    "Browser pages and extension stores are closed to extensions. Open a web page to see its sessions.",
};

export function noBridge(): NoticeText {
  return {
    title: "See what your session holds",
    sentence:
      "Cookies and requests of this tab show here. To see the server's contents, add the bridge to your server.",
    code: "if (process.env.NODE_ENV === 'development') app.use(openBridge(sessions))",
    button: "Check again",
    action: "check-again",
  };
}

/** The extension may not read this site. */
export function noAccess(origin: string): NoticeText {
  const host = hostOf(origin);
  return {
    title: "Let the panel read this site's cookies",
    sentence: `Access is asked for ${host} only.`,
    button: "Allow on this site",
    action: "allow",
    origin,
  };
}

/** No session, and why. `name` is the cookie's. */
export function noSession(reason: NoSession, name: string | null): NoticeText {
  if (reason === "tampered") {
    return {
      title: "The cookie's signature is wrong",
      sentence: `The server will treat it as no session. Cookie: ${name === null ? "unknown" : showUnseen(name)}.`,
      button: "Show cookie",
      action: "show-cookie",
    };
  }
  if (reason === "unproven") {
    return {
      title: "The server has not seen this cookie yet",
      sentence: "The server has not seen this cookie in a request yet. Reload the page.",
      button: "Reload page",
      action: "reload-page",
    };
  }
  if (reason === "unknown") {
    return {
      title: "The server holds no such session",
      sentence: `The browser still sends ${name === null ? "a cookie" : showUnseen(name)}, but its session expired, was flushed or never was.`,
    };
  }
  return {
    title: "No session yet",
    sentence: "Sign in, or do what starts a session in your app. It appears here by itself.",
  };
}

/** The chosen cookie is one that the browser sends to none of the page's addresses, so it is not shown to the server. */
export function notSent(name: string, path: string): NoticeText {
  return {
    title: "The browser does not send this cookie here",
    sentence: `${showUnseen(name)} belongs to ${showUnseen(path)}. Open a page of the app there: its session shows then.`,
  };
}

/** The bridge cannot tell whose a cookie is, so it shows no session and no traces. `why` are the server's words. */
export function unproven(why: string | undefined): NoticeText {
  const step = "Update session-bridge on the server, or give its source the keys that sign the cookie.";
  return {
    title: "This bridge cannot tell whose a cookie is",
    sentence: why === undefined || why.trim() === "" ? step : serverWords(why),
  };
}

/** Another origin of the page has a bridge that asks for a token, and the page's own has none. */
export function otherBridge(origin: string, page: string | null): NoticeText {
  const own = page === null ? "" : ` It is not this page's own origin, ${page}.`;
  return {
    title: "Another server of this page asks for a token",
    sentence: `${origin} answered a request of this page and says that it has a bridge.${own}`,
    button: `Show ${origin}`,
    action: "choose-origin",
    origin,
  };
}

/** There is nothing to show after a past request, and why. `hello` is what its bridge says of itself, where that is known. */
export function noSessionAfter(
  entry: Entry,
  hello: Pick<HelloAnswer, "capabilities" | "unproven"> | null = null,
): NoticeText {
  if (hello !== null && !hello.capabilities.includes("read")) return unproven(hello.unproven);
  if (sidesOf(entry) !== null)
    return { title: "No session after this request", sentence: "It was flushed, or there was none." };
  if (entry.type === "request" && entry.traceGone) {
    return {
      title: "The server's log does not hold this request",
      sentence:
        "Another process answered it, or the log let it go. Share the log through Redis to see all processes.",
    };
  }
  return {
    title: "This request did not look at the session",
    sentence: "Its handler neither read nor wrote it. Choose Now to see what the session holds.",
  };
}

/** The cookie list is empty though it may be read. */
export function noCookies(watchingAll: boolean): NoticeText {
  if (watchingAll) return { title: "No cookies", sentence: "This page and its frames have no cookies." };
  return {
    title: "No session yet",
    sentence: "Sign in, or do what starts a session. Its cookie appears here.",
    button: "Watch all cookies",
    action: "watch-all",
  };
}

/** It cannot be said whether there are cookies. */
export function unreadCookies(reason: string): NoticeText {
  return {
    title: "Cookies could not be read",
    sentence: reason,
    button: "Try again",
    action: "check-again",
  };
}

/** The timeline is empty: nothing came, or nothing passes the filter. */
export function noRows(filter: string, hidden: number): NoticeText {
  if (hidden === 0) {
    return {
      title: "Listening",
      sentence: "Load a page or click in the app to see its requests.",
      button: "Reload page",
      action: "reload-page",
    };
  }
  const count = hidden === 1 ? "1 request is" : `${hidden} requests are`;
  return {
    title: filter === "" ? "No changes yet" : `Nothing matches “${filter}”`,
    sentence: `${count} hidden by the filter.`,
    button: "Clear filter",
    action: "clear-filter",
  };
}

/** The bridge is there and says no. */
export function refused(refusal: Refusal): NoticeText {
  return {
    title: "The server refused the panel",
    sentence: refusalText(refusal),
    button: "How to allow",
    action: "how-to-allow",
  };
}

export function otherVersion(theirs: number): NoticeText {
  const newer = theirs > PROTOCOL_VERSION;
  const remedy = newer ? "Update this extension" : "Update session-bridge on the server";
  return {
    title: "Panel and bridge speak different versions",
    sentence: `The panel speaks version ${PROTOCOL_VERSION}, the bridge ${theirs}. ${remedy}.`,
    ...(newer ? {} : { code: UPDATE_COMMAND }),
  };
}

/** One line above contents that stay: the server is gone. */
export function lost(origin: string, since: number, inSeconds: number): NoticeText {
  const wait = inSeconds > 0 ? `Trying again in ${inSeconds} s` : "Trying now";
  return {
    title: "Lost the server",
    sentence: `${hostOf(origin)} was last seen ${formatTime(since)}. ${wait}; what you saw stays.`,
    button: "Try now",
    action: "try-now",
  };
}

/** The server never answered. */
export function unreachable(origin: string, inSeconds: number): NoticeText {
  const wait = inSeconds > 0 ? `Trying again in ${inSeconds} s.` : "Trying now.";
  return {
    title: "The server does not answer",
    sentence: `${hostOf(origin)} cannot be reached. ${wait}`,
    button: "Try now",
    action: "try-now",
  };
}

export function broken(detail: string): NoticeText {
  return {
    title: "Something broke in the panel",
    sentence: `The list is safe. ${detail}`,
    button: "Copy report",
    action: "copy-report",
  };
}

/** What a report of a broken panel holds: the notice's words and the versions, nothing of cookies or sessions. */
export function reportOf({ title, sentence }: NoticeText, browser: string): string {
  return `${title}. ${sentence}\nprotocol ${PROTOCOL_VERSION}\n${browser}\n`;
}

/** How a reader fixes a refusal, by its code. */
export function howToAllow(refusal: Refusal): string {
  switch (refusal.code) {
    case "token-missing":
    case "token-wrong":
      return "Set SESSION_BRIDGE_TOKEN on the server and type the same token here. It is kept until the browser ends.";
    case "proxied":
      return "The bridge saw a proxy in front of it and closed. Open the app on localhost, or set SESSION_BRIDGE_TOKEN.";
    case "other":
      return "Do what the server says, or update this extension: the code of this refusal is not known to it.";
    default:
      return "Open the app under a loopback name such as localhost, or name its host in openBridge(sessions, { hosts }).";
  }
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin;
}
