/** Pairs of the notices about the page and its bridge. */

import type { FailedPlace } from "../../../extension/logic/bridge-problem.ts";
import type { BANNERS } from "../../../extension/logic/notices/banner-notices.ts";
import type { BRIDGE_NOTICES, BridgeFacts } from "../../../extension/logic/notices/bridge-notices.ts";
import { OTHER, PAGE } from "../facts.ts";
import type { FactPairs } from "../pair.ts";

type Standing = NonNullable<BridgeFacts["link"]>["standing"];

const facts = (changes: Partial<BridgeFacts> = {}): BridgeFacts => ({
  pageUrl: `${PAGE}/`,
  pageOrigin: PAGE,
  claimedOrigin: null,
  offered: null,
  link: null,
  mark: null,
  isAnswered: true,
  isRecording: true,
  isDevServer: false,
  hasCalledApp: true,
  newToken: "0123abcd",
  now: 0,
  ...changes,
});

/** The page's own server was called, and is no bridge. */
const vain = (
  mark: Partial<NonNullable<BridgeFacts["mark"]>> | null,
  changes: Partial<BridgeFacts> = {},
  failed: FailedPlace | null = null,
): BridgeFacts =>
  facts({
    ...elsewhere("http://localhost:5173", failed),
    mark: mark && { at: { port: 3000, isTls: false }, state: null, ...mark },
    ...changes,
  });

/** A port of bridges that run next to a site. */
const SEPARATE = { url: "http://localhost:47801", why: "unreachable" as const };
const NAMED = { url: "http://localhost:3000", why: "unreachable" as const };

const at = (standing: Standing, changes: Partial<BridgeFacts> = {}): BridgeFacts =>
  facts({ link: { origin: PAGE, standing }, ...changes });

function elsewhere(pageOrigin: string, failed: FailedPlace | null = null): Partial<BridgeFacts> {
  return { pageOrigin, link: { origin: pageOrigin, standing: { state: "absent", at: failed } } };
}

const refusal = { code: "token-missing" as const, message: "A token is needed.", protocol: 1 };
const ready = (capabilities: readonly string[]): Standing => ({ state: "ready", hello: { capabilities } });
const lost = (hello: object | null): Standing => ({
  state: "lost",
  since: 0,
  retryAt: 1000,
  hello,
  cause: "unreachable",
});

/** Of `BRIDGE_NOTICES`. */
export const BRIDGE_PAIRS: FactPairs<Parameters<(typeof BRIDGE_NOTICES)[number]["tell"]>[0]> = {
  "page-not-readable": {
    case: facts({ pageUrl: undefined, pageOrigin: null, claimedOrigin: PAGE }),
    counter: at(ready(["read"]), { claimedOrigin: PAGE }),
    because: "the panel reads that site already",
  },
  "other-bridge": {
    case: at({ state: "absent" }, { offered: OTHER }),
    counter: at(ready(["read"]), { offered: OTHER }),
    because: "the page's own server has a bridge, so no other's token is needed",
  },
  "no-server": {
    case: facts({ pageUrl: "file:///index.html", pageOrigin: null }),
    counter: facts({ pageUrl: `${PAGE}/` }),
    because: "a server sent this page",
  },
  "needs-allow-remote": {
    case: vain({ state: "remote", at: null }),
    counter: vain({ state: "token", at: null }),
    because: "the bridge answers other machines already; something else is in between",
  },
  "needs-host": {
    case: vain({ state: "hosts" }, elsewhere("http://app.test:3000")),
    counter: vain({ state: null }, elsewhere("http://app.test:3000")),
    because: "the bridge knows the name; something else is in between",
  },
  "closed-by-proxy": {
    case: vain({ state: "closed" }),
    counter: vain({ state: "peer" }),
    because: "no proxy was seen: the server does not report addresses",
  },
  "caller-unknown": {
    case: vain({ state: "peer", at: null }),
    counter: vain({ state: null, at: null }),
    because: "the server reports who calls",
  },
  "separate-bridge-away": {
    case: vain({}, {}, SEPARATE),
    counter: vain({}, {}, NAMED),
    because: "an app itself listens at that port, and a proxy is in front of it",
  },
  "separate-bridge-unproven": {
    case: vain({}, {}, { ...SEPARATE, why: "unproven" }),
    counter: vain({}, {}, { ...NAMED, why: "unproven" }),
    because: "the port is an app's, so that another server may have taken it",
  },
  "certificate-not-accepted": {
    case: vain({}, {}, { ...NAMED, url: "https://localhost:3000" }),
    counter: vain({}, {}, NAMED),
    because: "without TLS there is no certificate",
  },
  "port-unreachable": {
    case: vain({}, {}, NAMED),
    counter: vain({}, {}, { ...NAMED, why: "unproven" }),
    because: "something answers at that port",
  },
  "port-of-another": {
    case: vain({}, {}, { ...NAMED, why: "unproven" }),
    counter: vain({}, {}, null),
    because: "that port was not called",
  },
  "open-directly": {
    case: vain({}, elsewhere("http://app.test")),
    counter: vain({}),
    because: "the page is open on localhost already",
  },
  "in-between": {
    case: vain({ at: null }),
    counter: vain(null),
    because: "no response has shown that there is a bridge",
  },
  "not-seen-yet-by-panel": {
    case: vain(null, { isAnswered: false }),
    counter: vain(null),
    because: "the page's server answered, and did not name a trace",
  },
  "only-dev-server": {
    case: vain(null, { isDevServer: true }),
    counter: vain({ at: null }, { isDevServer: true }),
    because: "the app behind it answered: its bridge is known to be there",
  },
  "no-bridge": {
    case: at({ state: "absent" }),
    counter: at({ state: "asking" }),
    because: "it is not known yet whether the server has one",
  },
  "no-access": {
    case: at({ state: "no-access" }),
    counter: at({ state: "absent" }),
    because: "the panel may read the site; it has no bridge",
  },
  refused: {
    case: at({ state: "refused", refusal }),
    counter: at({ state: "absent" }),
    because: "nothing was refused: there is no bridge",
  },
  "other-version": {
    case: at({ state: "version", theirs: 2 }),
    counter: at(ready(["read"])),
    because: "both have the same version",
  },
  unreachable: {
    case: at(lost(null)),
    counter: at(lost({})),
    because: "what is known about this server stays, and a line above says that it is away",
  },
  "proves-nothing": {
    case: at(ready([])),
    counter: at(ready(["prove", "read"])),
    because: "this bridge can tell whose a cookie is",
  },
  "store-not-readable": {
    case: at(ready(["prove", "traces"])),
    counter: at(ready(["prove", "read", "traces"])),
    because: "this bridge reads the store",
  },
};

/** Of the whole panel. */
export const CLOSED_PAIRS: FactPairs<Pick<BridgeFacts, "pageUrl">> = {
  "closed-page": {
    case: { pageUrl: null },
    counter: { pageUrl: undefined },
    because: "the browser has not reported the page yet",
  },
};

const banner = (changes: Partial<Parameters<(typeof BANNERS)[number]["tell"]>[0]> = {}) => ({
  link: null,
  now: 0,
  fromFile: false,
  failure: null,
  ...changes,
});

/** Of `BANNERS`. */
export const BANNER_PAIRS: FactPairs<Parameters<(typeof BANNERS)[number]["tell"]>[0]> = {
  "history-shown": {
    case: banner({ fromFile: true }),
    counter: banner({ link: { origin: PAGE, standing: lost({}) } }),
    because: "the rows are the tab's own",
  },
  lost: {
    case: banner({ link: { origin: PAGE, standing: lost({}) } }),
    counter: banner({ link: { origin: PAGE, standing: lost(null) } }),
    because: "this server was never there to be lost",
  },
  "cookies-unread-now": {
    case: banner({ failure: "The browser did not answer." }),
    counter: banner(),
    because: "the cookies were read",
  },
};
