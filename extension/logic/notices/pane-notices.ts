/** What the cookie list, the timeline and the smaller views say while they are empty. */

import type { Candidates } from "../candidates.ts";
import { noAccess } from "./bridge-notices.ts";
import { CANDIDATES_GONE, CANDIDATES_HELD } from "./candidate-notices.ts";
import { type NoticeRule, notice } from "./notice.ts";

/** What is known of the tab's cookies. */
interface CookieFacts {
  /** Why they could not be read; null when they were. */
  failure: string | null;
  /** Origins whose cookies the extension may not read. */
  denied: readonly string[];
  /** Frames whose servers are not known; absent: none. */
  unknownFrames?: number | undefined;
  /** All cookies are listed, not only those that carry sessions. */
  watchingAll: boolean;
  /** Cookies that may carry a session and are recognised as none. */
  candidates: Candidates;
  /** Hosts of the page's site whose requests carry cookies that are not listed. */
  elsewhere: readonly string[];
}

/** The cookie list is empty. */
export const COOKIE_NOTICES: readonly NoticeRule<CookieFacts>[] = [
  {
    name: "cookies-unread",
    tell: ({ failure }) =>
      failure === null
        ? null
        : {
            title: "Cookies could not be read",
            sentence: failure,
            button: "Try again",
            action: "check-again",
          },
  },
  {
    name: "cookies-denied",
    tell: ({ denied: [origin] }) => (origin === undefined ? null : noAccess(origin)),
  },
  {
    name: "frames-unknown",
    tell: ({ unknownFrames = 0 }) =>
      unknownFrames === 0
        ? null
        : {
            title: "Frames that cannot be seen",
            sentence: unknownFramesText(unknownFrames),
            button: "Reload page",
            action: "reload-page",
          },
  },
  notice("no-cookies", ({ watchingAll }) => watchingAll, {
    title: "No cookies",
    sentence: "This page and its frames have no cookies.",
  }),
  CANDIDATES_HELD,
  CANDIDATES_GONE,
  {
    name: "cookies-elsewhere",
    tell({ elsewhere }) {
      const host = elsewhere.at(-1);
      if (host === undefined) return null;
      return {
        title: "Another server of this site has cookies",
        sentence: `Requests to ${host} carry some. The list holds those of the page and its frames: open a page of ${host} to see them.`,
        button: "Read again",
        action: "read-cookies",
      };
    },
  },
  notice("no-session-cookie", () => true, {
    title: "No session yet",
    sentence: "Sign in, or do what starts a session. Its cookie appears here.",
    button: "Watch all cookies",
    action: "watch-all",
  }),
];

/** What is said of frames whose servers are not known, whether or not other cookies are listed. */
export function unknownFramesText(count: number): string {
  const frames = count === 1 ? "1 frame lies within a frame" : `${count} frames lie within frames`;
  return `${frames} of another origin. To list the cookies there, load the page with DevTools open.`;
}

/** What is known of the rows. */
interface RowsFacts {
  /** The filter's words; empty where none are typed. */
  filter: string;
  /** Requests that the filter, or *Changes only*, hides. */
  hidden: number;
  recording: boolean;
  /** A saved history is shown. */
  fromFile: boolean;
}

/** The timeline is empty. */
export const TIMELINE_NOTICES: readonly NoticeRule<RowsFacts>[] = [
  {
    name: "rows-hidden",
    tell({ filter, hidden }) {
      if (hidden === 0) return null;
      const count = hidden === 1 ? "1 request is" : `${hidden} requests are`;
      return {
        title: filter === "" ? "No changes yet" : `Nothing matches “${filter}”`,
        sentence: `${count} hidden by the filter.`,
        button: "Clear filter",
        action: "clear-filter",
      };
    },
  },
  notice("history-empty", ({ fromFile }) => fromFile, {
    title: "This history holds no requests",
    sentence: "Close it to see the tab's own.",
    button: "Close history",
    action: "close-history",
  }),
  notice("paused", ({ recording }) => !recording, {
    title: "Recording is paused",
    sentence: "Requests that begin now are not kept.",
    button: "Record",
    action: "record",
  }),
  notice("listening", () => true, {
    title: "Listening",
    sentence: "Load a page or click in the app to see its requests.",
    button: "Reload page",
    action: "reload-page",
  }),
];

/** The Cookie tab has none to show. */
export const NO_COOKIE_CHOSEN = notice("no-cookie-chosen", (cookie: object | null) => cookie === null, {
  title: "No cookie is selected",
  sentence: "Choose one in the list to see its attributes.",
});

/** The Contents tab cannot show a tree. */
export const NOT_AN_OBJECT = notice("not-an-object", (unreadable: boolean) => unreadable, {
  title: "This is no JSON object",
  sentence: "Its text is shown in the Raw tab.",
});

/** The Raw tab has no session to show. */
export const NO_RAW_TEXT = notice("no-raw-text", (state: string) => state !== "present", {
  title: "No stored text to show",
  sentence: "When the session of now is known, the server's own text of it shows here.",
});
