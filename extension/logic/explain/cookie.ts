/** What happened to a cookie: new, replaced, renewed, gone, and ends that are not what the server said. */
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { type Facts, isDeletion, type Rule, readHost, readSentEnd } from "./facts.ts";
import { sayDuration, sayMoment, sayName, sayRequest } from "./words.ts";

/** Browsers shorten every expiry to this (RFC 6265bis §5.5). */
const MAX_AGE_MS = 400 * 86_400_000;
/** Clocks closer than this are not worth a word. */
const SKEW_MS = 2000;

function rule(name: string, say: (facts: Facts) => string | [string, string] | null): Rule {
  return {
    name,
    about: "cookie",
    explain(facts) {
      const found = say(facts);
      if (found === null) return null;
      return typeof found === "string" ? { sentence: found } : { sentence: found[0], remedy: found[1] };
    },
  };
}

const deletes = ({ sent, request, now }: Facts): boolean =>
  sent !== null && isDeletion(sent, request?.at ?? now);

export const COOKIE: readonly Rule[] = [
  rule("new", ({ name, request, sent, before, after }) =>
    !before && after && sent?.parsed.value === after.value
      ? `${sayName(name)} is new: ${sayRequest(request)} sent it for the first time.`
      : null,
  ),
  rule("new-by-script", ({ name, request, sent, before, after, panelDid }) =>
    !before &&
    after &&
    !sent &&
    panelDid === null &&
    !after.httpOnly &&
    request &&
    loadsBeneath(request, after)
      ? `${sayName(name)} is new without a Set-Cookie: a script of the page, or another tab, set it.`
      : null,
  ),
  rule("replaced", ({ name, request, trace, sent, before, after }) => {
    if (!before || !after || !sent || before.value === after.value) return null;
    const why = trace?.newKey
      ? "the session got a new key, so that a key known before the login is worth nothing after it"
      : "the server sent another value";
    return `${sayName(name)} was replaced by ${sayRequest(request)}: ${why}.`;
  }),
  rule("renewed", ({ name, request, sent, before, after }) => {
    if (!before || !after || !sent || before.value !== after.value || after.expiresAt === null) return null;
    const gained = after.expiresAt - (before.expiresAt ?? 0);
    if (before.expiresAt === null || gained < 1000) return null;
    return `${sayName(name)} was renewed by ${sayRequest(request)}: its value is the same, and it now ends ${sayDuration(gained)} later.`;
  }),
  rule("deleted-by-server", (facts) =>
    facts.before && !facts.after && deletes(facts)
      ? `${sayName(facts.name)} is gone: ${sayRequest(facts.request)} deleted it${facts.trace?.flushedKeys === null || facts.trace === null ? "" : ", because the session was flushed"}.`
      : null,
  ),
  rule("expired", ({ name, before, after, sent, now }) =>
    before && !after && !sent && before.expiresAt !== null && before.expiresAt <= now
      ? `${sayName(name)} is gone: its time was over on ${sayMoment(before.expiresAt)}.`
      : null,
  ),
  rule("deleted-by-panel", ({ name, after, panelDid }) => {
    if (after || (panelDid !== "deleted" && panelDid !== "closed")) return null;
    return panelDid === "closed"
      ? `${sayName(name)} is gone: this panel simulated the browser's close.`
      : `${sayName(name)} is gone: it was deleted in this panel.`;
  }),
  rule("evicted", ({ name, before, after, sent, now, panelDid }) =>
    before && !after && !sent && panelDid === null && (before.expiresAt === null || before.expiresAt > now)
      ? `${sayName(name)} is gone before its time and without a Set-Cookie: the browser evicted it, or another tab, extension or person deleted it.`
      : null,
  ),
  rule("port-collision", ({ name, otherPorts, request }) => {
    const other = otherPorts.find((origin) => origin !== readOrigin(request?.url));
    if (!other) return null;
    return [
      `Two servers share ${sayName(name)}: cookies do not know ports, so ${other} and ${readOrigin(request?.url) ?? "this site"} overwrite each other's session.`,
      "Give one of them another SESSION_COOKIE_NAME.",
    ];
  }),
  rule("namesakes", ({ name, namesakes }) =>
    namesakes.length > 1
      ? [
          `There are ${namesakes.length} cookies named ${sayName(name)} (${namesakes.map((one) => sayName(one.domain + one.path)).join(", ")}): the browser sends all, and the server uses only one of them.`,
          "Delete those that the server no longer sets; a change of Domain or Path leaves the old one behind.",
        ]
      : null,
  ),
  rule("unreadable-expires", ({ name, sent, after }) =>
    sent &&
    after &&
    sent.expiresText !== null &&
    sent.parsed.expires === undefined &&
    sent.parsed.maxAge === undefined
      ? [
          `${sayName(name)} ends with the browser, although the server sent Expires=${sayName(sent.expiresText ?? "")}: no browser can read that as a date.`,
          "Send an HTTP date, or Max-Age in seconds.",
        ]
      : null,
  ),
  rule("max-age-over-expires", ({ name, sent, request, after }) => {
    if (!sent || !after || sent.parsed.maxAge === undefined || sent.parsed.expires === undefined || !request)
      return null;
    const difference = request.at + sent.parsed.maxAge * 1000 - sent.parsed.expires.getTime();
    if (Math.abs(difference) < 5000) return null;
    return `${sayName(name)} was sent with Expires=${sayName(sent.expiresText ?? "")} and Max-Age=${sent.parsed.maxAge}, which are ${sayDuration(difference)} apart: browsers follow Max-Age.`;
  }),
  rule("shortened", ({ name, sent, request, after, now }) => {
    const wanted = sent && readSentEnd(sent, request?.at ?? now);
    if (!wanted || !after?.expiresAt || wanted - after.expiresAt < 60_000) return null;
    const about =
      Math.abs(after.expiresAt - (request?.at ?? now) - MAX_AGE_MS) < 86_400_000
        ? ": no cookie lives longer than 400 days"
        : "";
    return `The server asked for ${sayName(name)} to last until ${sayMoment(wanted)}; the browser stored it until ${sayMoment(after.expiresAt)}${about}.`;
  }),
  rule("clocks-differ", ({ name, skewMs, sent }) => {
    if (skewMs === null || Math.abs(skewMs) <= SKEW_MS) return null;
    const effect =
      sent?.parsed.maxAge === undefined && sent?.parsed.expires
        ? `, so ${sayName(name)} ends that much ${skewMs > 0 ? "later" : "earlier"} than the server means`
        : "";
    return [
      `The server's clock is ${sayDuration(skewMs)} ${skewMs > 0 ? "ahead of" : "behind"} this browser's${effect}.`,
      "Set the clocks, or use Max-Age, which needs no clock.",
    ];
  }),
  rule("not-sent", ({ name, request, after, pageUrl }) => {
    if (!request?.sentCookies || !after || request.sentCookies.includes(name) || !URL.canParse(request.url))
      return null;
    const url = new URL(request.url);
    if (!url.pathname.startsWith(after.path))
      return `${sayName(name)} was not sent to ${url.pathname}: its Path is ${sayName(after.path)}.`;
    if (after.secure && url.protocol === "http:")
      return `${sayName(name)} was not sent to ${url.host}: it is Secure, and the request went over plain http.`;
    if (readHost(pageUrl) !== url.hostname && after.sameSite !== "no_restriction")
      return `${sayName(name)} was not sent to ${url.host}: it is SameSite=${after.sameSite}, and the page is another site.`;
    return null;
  }),
];

/** True for the load of a page that would have been sent the cookie, had it been there. */
function loadsBeneath({ type, sentCookies, url }: NetworkRequest, { path }: TabCookie): boolean {
  return (
    type === "document" && sentCookies !== null && URL.canParse(url) && new URL(url).pathname.startsWith(path)
  );
}

function readOrigin(url: string | undefined): string | null {
  return url && URL.canParse(url) ? new URL(url).origin : null;
}
