/** The lines above the panes: something is wrong, or something other than the tab's own rows is shown. */
import { type SharedCookie, sharedCookieText } from "../shared-cookies.ts";
import { type BridgeFacts, LOST } from "./bridge-notices.ts";
import { type NoticeRule, notice } from "./notice.ts";

/** What is known. */
interface BannerFacts extends Pick<BridgeFacts, "link" | "now"> {
  /** A saved history is shown. */
  fromFile: boolean;
  /** Why cookies could not be read; null when they were. */
  failure: string | null;
}

/** In order: the first that applies is shown. */
export const BANNERS: readonly NoticeRule<BannerFacts>[] = [
  notice("history-shown", ({ fromFile }) => fromFile, {
    title: "A saved history is shown, read-only.",
    sentence: "The tab is still being recorded.",
    button: "Close history",
    action: "close-history",
  }),
  LOST,
  {
    name: "cookies-unread-now",
    tell: ({ failure }) =>
      failure === null
        ? null
        : {
            title: "Cookies could not be read:",
            sentence: failure,
            button: "Try again",
            action: "read-cookies",
          },
  },
];

/** Two apps of this tab overwrite each other's cookie. */
export const SHARED_COOKIE: NoticeRule<SharedCookie | null> = {
  name: "shared-cookie",
  tell: (shared) =>
    shared && {
      title: "Shared cookie",
      sentence: sharedCookieText(shared),
      button: "Got it",
      action: "dismiss-shared",
    },
};
