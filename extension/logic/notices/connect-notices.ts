/**
 * What the session pane says if the app has a bridge that the panel does not reach: its responses have a `Session-Trace`, and it says
 * why. Each has one next step. `docs/it-does-not-connect.md` is made from these rules.
 */
import { type BridgeMark, describeState, isLoopbackHost, LOOPBACK_PORTS } from "session-bridge/protocol";
import type { FailedPlace } from "../bridge-problem.ts";
import type { CopyLine, NoticeRule, NoticeText } from "./notice.ts";

/** What is known of the way to the page's bridge. */
export interface WayFacts {
  /** The page's own origin; null for a page that comes from no server. */
  pageOrigin: string | null;
  /** The page's own server was called, and did not answer as a bridge. `at`: so was the port that its responses named. */
  link: { origin: string; standing: { state: string; at?: FailedPlace | null } } | null;
  /** What the page's own responses say about their bridge; null: none with a `Session-Trace` came yet. */
  mark: BridgeMark | null;
  /** Whether the page was seen to load: its document's response, and what came after it. */
  isAnswered: boolean;
  /** New requests are recorded. */
  isRecording: boolean;
  /** Only a development server has answered the page so far. */
  isDevServer: boolean;
  /** A token that the panel made for this page, to be copied into the server's environment. */
  newToken: string;
}

/** A page that was called in vain. */
interface Vain {
  /** `localhost:5173`. */
  host: string;
  /** `localhost`. */
  name: string;
  /** `5173`; empty for the scheme's own. */
  port: string;
  at: FailedPlace | null;
  mark: BridgeMark | null;
}

/** Of a bridge that runs next to the site: at such a port it is no app behind a proxy. Before the others. */
export const SEPARATE_NOTICES: readonly NoticeRule<WayFacts>[] = [
  rule("separate-bridge-away", ({ at, host }) =>
    at?.why === "unreachable" && isSeparatePort(at.url)
      ? {
          title: "The site's bridge does not answer",
          sentence: `${host} reports its requests to a bridge at ${at.url}. Nothing answers there now. ${START_AGAIN}`,
          ...CHECK,
        }
      : null,
  ),
  rule("separate-bridge-unproven", ({ at, host }) =>
    at !== null && isSeparatePort(at.url)
      ? {
          title: "Reload the page to find the site's bridge",
          sentence: `${host} reported its requests to a bridge at ${at.url}. What answers there has not shown that it has these reports, so it was sent nothing: it may have been started again since.`,
          button: "Reload page",
          action: "reload-page",
        }
      : null,
  ),
];

/** In order: the first that applies is shown. */
export const CONNECT_NOTICES: readonly NoticeRule<WayFacts>[] = [
  rule("needs-allow-remote", ({ mark }, { newToken }) =>
    mark?.state === "remote" ? stateNotice("remote", { token: newToken }) : null,
  ),
  rule("needs-host", ({ mark, name }) =>
    mark?.state === "hosts" && !isLoopbackHost(name) ? stateNotice("hosts", { host: name }) : null,
  ),
  rule("closed-by-proxy", ({ mark }) => (mark?.state === "closed" ? stateNotice("closed") : null)),
  rule("caller-unknown", ({ mark }) => (mark?.state === "peer" ? stateNotice("peer") : null)),
  rule("certificate-not-accepted", ({ at, host }) =>
    at?.why === "unreachable" && at.url.startsWith("https:")
      ? {
          title: "The app's own address cannot be reached",
          sentence: `${host} passes requests on to the app, which says that it listens at ${at.url}. The panel gets no answer there. If its certificate is self-signed, open ${at.url} once and accept it.`,
          ...CHECK,
        }
      : null,
  ),
  rule("port-unreachable", ({ at, host }) =>
    at?.why === "unreachable"
      ? {
          title: "The app's own port cannot be reached",
          sentence: `${host} passes requests on to the app, which says that it listens at ${at.url}. Nothing answers there. If the app runs in a container or on another machine, forward this port to the same number here.`,
          ...CHECK,
        }
      : null,
  ),
  rule("port-of-another", ({ at, host }, { newToken }) =>
    at === null
      ? null
      : {
          title: "Another server is at the app's port, or the app does not answer there",
          sentence: `${host} passes requests on to an app that says that it listens at ${at.url}. What answers there has not shown that it made this page's responses, so it was sent nothing. If it is another server, stop it, and forward the port to the same number here from where the app runs. If it is the app, in a container that publishes this port, add these two lines to its environment, and start it again.`,
          lines: describeState("remote", { token: newToken }).lines.map(toCopyLine),
          ...CHECK,
        },
  ),
  rule("open-directly", ({ mark, host, name, port }) =>
    mark?.at && !isLoopbackHost(name)
      ? {
          title: "Open the app on localhost",
          sentence: LOOPBACK_PORTS.includes(mark.at.port)
            ? `The bridge of ${host}, at port ${mark.at.port} of the machine that it runs on, answers by itself only for pages of that machine. Open localhost${port === "" ? "" : `:${port}`} there to see the session.`
            : `${host} passes requests on to the app, and the bridge does not answer calls that come through it. Open ${port === "" ? `${mark.at.isTls ? "https" : "http"}://localhost:${mark.at.port}` : `localhost:${port}`} to see the session.`,
          ...CHECK,
        }
      : null,
  ),
  rule("in-between", ({ mark, host }) =>
    mark === null
      ? null
      : {
          title: "Open the app at its own address",
          sentence: `The responses of ${host} come from a server with a bridge, but calls to the bridge do not reach it. If ${host} is a development server or a proxy, open the app at its own address instead.`,
          ...CHECK,
        },
  ),
  rule("not-seen-yet-by-panel", ({ host }, { isAnswered, isRecording }) => {
    if (isAnswered) return null;
    const sentence = `No bridge answers at ${host}. If a development server or a container is in front of the app, the page's responses show where its bridge is`;
    return isRecording
      ? {
          title: "Reload the page to look for its bridge",
          sentence: `${sentence}, and the panel has not seen the page load.`,
          button: "Reload page",
          action: "reload-page",
          demo: "Try it with a demo session",
        }
      : {
          title: "Record to look for the bridge",
          sentence: `${sentence}, and recording is paused.`,
          button: "Record",
          action: "record",
        };
  }),
  rule("only-dev-server", ({ host }, { isDevServer }) =>
    isDevServer
      ? {
          title: "Use the app once to find its bridge",
          sentence: `${host} is a development server, and no bridge answers there. The responses of the app behind it show where its bridge is, and the page has received none yet. Do something in the page that calls the app.`,
          demo: "Try it with a demo session",
        }
      : null,
  ),
];

/** What to do about a bridge next to a site, which runs by itself. */
export const START_AGAIN = "If it was stopped, start it again: python manage.py session_bridge.";

/** True for a port at which only bridges next to a site listen. */
function isSeparatePort(url: string): boolean {
  return URL.canParse(url) && LOOPBACK_PORTS.includes(Number(new URL(url).port));
}

const CHECK = { button: "Check again", action: "check-again" } as const;

function rule(name: string, tell: (vain: Vain, facts: WayFacts) => NoticeText | null): NoticeRule<WayFacts> {
  return {
    name,
    tell(facts) {
      const { pageOrigin, link, mark } = facts;
      if (link?.standing.state !== "absent" || link.origin !== pageOrigin) return null;
      const { host, hostname, port } = new URL(pageOrigin);
      return tell({ host, name: hostname, port, at: link.standing.at ?? null, mark }, facts);
    },
  };
}

function stateNotice(...[state, facts]: Parameters<typeof describeState>): NoticeText {
  const { title, sentence, step, lines } = describeState(state, facts);
  return {
    title,
    sentence: `${sentence} ${step}`,
    ...(lines.length > 0 && { lines: lines.map(toCopyLine) }),
    ...CHECK,
  };
}

function toCopyLine(text: string): CopyLine {
  const token = /^SESSION_BRIDGE_TOKEN=(.*)$/.exec(text)?.[1];
  if (token !== undefined) return { text, what: "the token", token };
  return {
    text,
    what: text.startsWith("openBridge(") ? "the line for the code" : "the line for the environment",
  };
}
