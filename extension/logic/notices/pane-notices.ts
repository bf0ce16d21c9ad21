/** What the cookie list, the timeline and the smaller views say while they are empty. */

import type { Candidates } from "../candidates.ts";
import { filterName, type HiddenBy } from "../timeline/filter.ts";
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
  /** Cookies that may carry a session but are not recognised. */
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
            title: "Some frames cannot be seen",
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
        sentence: `Requests to ${host} carry cookies. The list holds those of the page and its frames. Open a page of ${host} to see them.`,
        button: "Read again",
        action: "read-cookies",
      };
    },
  },
  notice("no-session-cookie", () => true, {
    title: "No session yet",
    sentence: "Sign in, or do whatever starts a session. Its cookie appears here.",
    button: "Watch all cookies",
    action: "watch-all",
  }),
];

/** The text about frames whose servers are not known, whether or not other cookies are listed. */
export function unknownFramesText(count: number): string {
  const frames = count === 1 ? "1 frame is inside a frame" : `${count} frames are inside frames`;
  return `${frames} of another origin. To list the cookies there, load the page with DevTools open.`;
}

/** What is known of the rows. */
interface RowsFacts {
  /** The filter's words; empty where none are typed. */
  filter: string;
  changesOnly: boolean;
  /** Requests that are hidden, by what hides them: their kind alone, the filter or *Changes only* alone, or both. */
  hidden: Readonly<Record<HiddenBy, number>>;
  recording: boolean;
  /** A saved history is shown. */
  fromFile: boolean;
}

/** The timeline is empty. Where requests are hidden, the button brings at least one of them back. */
export const TIMELINE_NOTICES: readonly NoticeRule<RowsFacts>[] = [
  {
    name: "kinds-hidden",
    tell({ filter, hidden: { kind } }) {
      if (kind === 0) return null;
      const what = filter === "" ? "" : " that match";
      return {
        title: "Hidden by kind",
        sentence:
          kind === 1
            ? `1 request${what && `${what}es`} is of a kind that is not shown.`
            : `${kind} requests${what} are of kinds that are not shown.`,
        button: "Show all kinds",
        action: "show-all-kinds",
      };
    },
  },
  {
    name: "rows-hidden",
    tell({ filter, changesOnly, hidden }) {
      if (hidden.filter === 0) return null;
      return {
        title: emptyTitle(filter),
        sentence: `${areHidden(hidden.filter)} by ${filterName(filter, changesOnly)}.`,
        button: filter === "" ? "Turn off Changes only" : "Clear filter",
        action: "clear-filter",
      };
    },
  },
  {
    name: "rows-hidden-twice",
    tell({ filter, changesOnly, hidden }) {
      if (hidden.filter > 0 || hidden.both === 0) return null;
      return {
        title: emptyTitle(filter),
        sentence: `${areHidden(hidden.both)} by ${filterName(filter, changesOnly)}, and by kind.`,
        button: "Show all requests",
        action: "show-all-requests",
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
    sentence: "New requests are not recorded.",
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

function emptyTitle(filter: string): string {
  return filter === "" ? "No changes yet" : `Nothing matches “${filter}”`;
}

function areHidden(count: number): string {
  return count === 1 ? "1 request is hidden" : `${count} requests are hidden`;
}

/** The Cookie tab has none to show. */
export const NO_COOKIE_CHOSEN = notice("no-cookie-chosen", (cookie: object | null) => cookie === null, {
  title: "No cookie is selected",
  sentence: "Choose one in the list to see its attributes.",
});

/** The Contents tab cannot show a tree. */
export const NOT_AN_OBJECT = notice("not-an-object", (unreadable: boolean) => unreadable, {
  title: "This is not a JSON object",
  sentence: "Its text is shown in the Raw tab.",
});

/** The Raw tab has no session to show. */
export const NO_RAW_TEXT = notice("no-raw-text", (state: string) => state !== "present", {
  title: "No stored text to show",
  sentence: "The text that the server stores appears here once the present session is known.",
});
