/** What the session pane says while no bridge can read the session. */
import type { EpochMs, Refusal } from "session-bridge/protocol";
import { describeState, PROTOCOL_VERSION } from "session-bridge/protocol";
import { type FailedPlace, refusalText, serverWords } from "../bridge-problem.ts";
import { isDjango } from "../of-library.ts";
import { isLoopbackPage } from "../origins.ts";
import { formatTime } from "../time-text.ts";
import { howToAdd } from "./add-bridge.ts";
import { CONNECT_NOTICES, SEPARATE_NOTICES, START_AGAIN, type WayFacts } from "./connect-notices.ts";
import { type NoticeRule, type NoticeText, notice } from "./notice.ts";
import type { PageSigns } from "./page-server.ts";

/** Why a bridge that was followed is no longer followed. */
export type LossCause = "unreachable" | "silent" | "ended" | "malformed" | "refused" | "absent" | "unproven";

/** The state of one origin's bridge, as far as notices describe it. */
type LinkStanding =
  | { state: "asking" }
  | { state: "absent"; at?: FailedPlace | null }
  | { state: "no-access" }
  | { state: "refused"; refusal: Refusal }
  | { state: "version"; theirs: number }
  | { state: "ready"; hello: { capabilities: readonly string[]; unproven?: string } }
  | { state: "lost"; since: EpochMs; retryAt: EpochMs; hello: LostBridge | null; cause: LossCause };

/** What is known of a bridge that is away. */
interface LostBridge {
  library?: { name: string };
}

/** The bridge of one origin. */
interface BridgeOf {
  origin: string;
  /** Where calls for this origin go. Absent: to the origin itself. */
  place?: string;
  standing: LinkStanding;
}

/** What is known of the page and of the bridge that the pane is about. */
export interface BridgeFacts extends WayFacts {
  /** The page's address; null if extensions may not see it, undefined until the browser has reported it. */
  pageUrl: string | null | undefined;
  /** The origin that the page claims if the browser may not report its address. */
  claimedOrigin: string | null;
  /** Another origin of the page that has a bridge and requests a token, if the page's own has none. */
  offered: string | null;
  link: BridgeOf | null;
  /** The page's own server was seen to answer a call, and not only for a page or its files. */
  hasCalledApp: boolean;
  /** What shows which framework answers the page; absent: nothing. */
  signs?: PageSigns;
  now: EpochMs;
}

/** Packs the bridge of this panel's version and prints the line that installs it: the package is on no registry yet. */
const UPDATE_COMMAND = "npm run pack";

/** A development server cannot always be recognised. */
const IN_FRONT =
  "If a development server is in front of the app, first do something in the page that calls the app: its response shows where the bridge is. ";

const NO_SIGNS: PageSigns = { server: [], cookie: null };

const UPDATE_STEP = "Update session-bridge on the server, or give its source the keys that sign the cookie.";

/** Covers the whole panel: extensions may not see this page. */
export const CLOSED_PAGE = notice(
  "closed-page",
  ({ pageUrl }: Pick<BridgeFacts, "pageUrl">) => pageUrl === null,
  {
    title: "Nothing to inspect here",
    sentence:
      "Extensions cannot see this page: it belongs to the browser or its store, or no server sent it. Open a web page to see its sessions.",
  },
);

/** In order: the first that applies is shown. */
export const BRIDGE_NOTICES: readonly NoticeRule<BridgeFacts>[] = [
  {
    name: "page-not-readable",
    tell: ({ claimedOrigin, link }) =>
      claimedOrigin !== null && link === null ? noAccess(claimedOrigin) : null,
  },
  {
    name: "other-bridge",
    tell({ offered, pageOrigin, link }) {
      if (offered === null || !isVain(link?.standing)) return null;
      const own = pageOrigin === null ? "" : ` It is not this page's own origin, ${pageOrigin}.`;
      return {
        title: "Another server of this page asks for a token",
        sentence: `${offered} answered a request of this page and says that it has a bridge.${own}`,
        button: `Show ${offered}`,
        action: "choose-origin",
        origin: offered,
      };
    },
  },
  notice("no-server", ({ pageUrl, pageOrigin, link }) => !!pageUrl && pageOrigin === null && link === null, {
    title: "This page comes from no server",
    sentence: "It has no cookies and no session. Open the app by its http or https address.",
  }),
  ...SEPARATE_NOTICES,
  ...CONNECT_NOTICES,
  {
    name: "no-bridge",
    tell({ pageUrl, pageOrigin, link, hasCalledApp, signs = NO_SIGNS }) {
      if (link === null ? !pageUrl || pageOrigin === null : link.standing.state !== "absent") return null;
      const where = link?.origin ?? pageOrigin ?? "";
      const { sentence, lines } = howToAdd(signs, where);
      return {
        title: "See what your session holds",
        sentence: `Cookies and requests of this tab appear here. No bridge answers at ${hostOf(where)}. ${hasCalledApp || !isLoopbackPage(where) ? "" : IN_FRONT}${sentence}`,
        ...(lines !== undefined && { lines }),
        demo: "Try it with a demo session",
        button: "Check again",
        action: "check-again",
      };
    },
  },
  {
    name: "no-access",
    tell: ({ link }) => (link?.standing.state === "no-access" ? noAccess(link.origin) : null),
  },
  {
    name: "refused",
    tell: ({ link }) => (link?.standing.state === "refused" ? refused(link.standing.refusal) : null),
  },
  {
    name: "other-version",
    tell: ({ link }) => (link?.standing.state === "version" ? otherVersion(link.standing.theirs) : null),
  },
  {
    name: "unreachable",
    tell({ link, now }) {
      if (link?.standing.state !== "lost" || link.standing.hello !== null) return null;
      const { title, sentence } = sayLoss(link, link.standing.cause);
      const wait = sayWait(link.standing.retryAt, now);
      return { title, sentence: `${sentence} ${wait}.`, button: "Try now", action: "try-now" };
    },
  },
  {
    name: "proves-nothing",
    tell({ link }) {
      if (link?.standing.state !== "ready" || provesOwner(link.standing.hello)) return null;
      return unproven(link.standing.hello.unproven);
    },
  },
  {
    name: "store-not-readable",
    tell({ link }) {
      if (link?.standing.state !== "ready" || link.standing.hello.capabilities.includes("read")) return null;
      return {
        title: "The stored session cannot be read from outside",
        sentence:
          "The app's sessions cannot be read outside its own process. Choose a request to see what the session held after it.",
      };
    },
  },
];

/** One line above contents that stay: the bridge was there, and is not now. */
export const LOST: NoticeRule<Pick<BridgeFacts, "link" | "now">> = {
  name: "lost",
  tell({ link, now }) {
    if (link?.standing.state !== "lost" || link.standing.hello === null) return null;
    const { since, retryAt, cause } = link.standing;
    const { title, sentence } = sayLoss(link, cause);
    const isAway = cause === "unreachable" || cause === "silent";
    const lost = isElsewhere(link) ? "Lost the bridge" : "Lost the server";
    const step = isDjango(link.standing.hello.library?.name) ? ` ${START_AGAIN}` : "";
    return {
      title: isAway ? lost : title,
      sentence: `${sentence}${step} It was last heard from at ${formatTime(since)}. ${sayWait(retryAt, now)}; what you saw stays.`,
      button: "Try now",
      action: "try-now",
    };
  },
};

/** True of a bridge that can tell whose a cookie is. Earlier ones do not say it, and read. */
export function provesOwner({ capabilities }: { capabilities: readonly string[] }): boolean {
  return capabilities.includes("prove") || capabilities.includes("read");
}

/** The bridge cannot tell who a cookie belongs to, so it shows no session and no traces. `why` is the server's message. */
export function unproven(why: string | undefined): NoticeText {
  return {
    title: "This bridge cannot tell who a cookie belongs to",
    sentence: why === undefined || why.trim() === "" ? UPDATE_STEP : serverWords(why),
  };
}

/** The extension may not read this site. */
export function noAccess(origin: string): NoticeText {
  return {
    title: "Let the panel read this site's cookies",
    sentence: `The panel asks for access to ${hostOf(origin)} only.`,
    button: "Allow on this site",
    action: "allow",
    origin,
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

/** How a reader fixes a refusal, by its code. */
export function howToAllow(refusal: Refusal): string {
  switch (refusal.code) {
    case "token-missing":
    case "token-wrong":
      return "Set SESSION_BRIDGE_TOKEN on the server and type the same token here. It is kept until the browser closes.";
    case "proxied":
      return describeState("closed").step;
    case "other":
      return "Do what the server says, or update this extension: it does not know the code of this refusal.";
    case "extension":
      return "Give openBridge this extension's id in its option extensionId, or leave that option out.";
    case "fetch-site":
      return "Let the panel read this site in the browser's list of extensions, and check again.";
    case "too-many-streams":
      return "Close a Sessions tab that shows this session: sixteen can listen to it.";
    case "failed":
      return "See the server's terminal, where the bridge has named the error.";
    default:
      return "Update session-bridge on the server, or this extension: one does not understand the other.";
  }
}

function otherVersion(theirs: number): NoticeText {
  const newer = theirs > PROTOCOL_VERSION;
  const remedy = newer
    ? "Update this extension"
    : "To update the bridge, run this in the extension's checkout, and then the line that it prints in your app's folder";
  return {
    title: "Panel and bridge speak different versions",
    sentence: `The panel speaks version ${PROTOCOL_VERSION}, the bridge ${theirs}. ${remedy}.`,
    ...(newer ? {} : { lines: [{ text: UPDATE_COMMAND, what: "the command" }] }),
  };
}

/** What the last attempt showed. A server that answers is never reported as away. */
function sayLoss(link: BridgeOf, cause: LossCause): { title: string; sentence: string } {
  const host = hostOf(link.origin);
  const isAway = cause === "unreachable" || cause === "silent";
  if (isAway && isElsewhere(link)) {
    const place = hostOf(link.place ?? "");
    return {
      title: "The bridge does not answer",
      sentence: `The bridge of ${host}, at ${place}, cannot be reached.`,
    };
  }
  switch (cause) {
    case "malformed":
      return {
        title: "The bridge's answer could not be read",
        sentence: `${host} answers with something that this panel does not understand.`,
      };
    case "refused":
      return {
        title: "The bridge is not serving the panel now",
        sentence: `${host} answers, but sends no traces.`,
      };
    case "unproven":
      return {
        title: "The server has to show that it is this page's",
        sentence: `Something answers where the bridge of ${host} was. The next response of the page shows whether it is the bridge.`,
      };
    case "ended":
      return { title: "The bridge closed the connection", sentence: `${host} no longer sends traces.` };
    case "absent":
      return { title: "The bridge is gone", sentence: `${host} answers, but not as a bridge.` };
    case "silent":
      return { title: "The server does not answer", sentence: `Nothing comes from ${host} any longer.` };
    case "unreachable":
      return { title: "The server does not answer", sentence: `${host} cannot be reached.` };
  }
}

/** True if the bridge does not answer at the site's own address. */
function isElsewhere({ origin, place }: BridgeOf): boolean {
  return place !== undefined && place !== origin;
}

function sayWait(retryAt: EpochMs, now: EpochMs): string {
  const seconds = Math.max(0, Math.ceil((retryAt - now) / 1000));
  return seconds > 0 ? `Trying again in ${seconds} s` : "Trying now";
}

function isVain(standing: LinkStanding | undefined): boolean {
  return standing === undefined || standing.state === "absent" || standing.state === "no-access";
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin;
}
