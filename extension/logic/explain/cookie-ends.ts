/**
 * A cookie's expiry if it differs from what the server sent, and what else affects the cookie: cookies of the same
 * name, ports, clocks.
 */
import { isLoopbackHost } from "session-bridge/protocol";
import { isSurelyCrossSite } from "../origins.ts";
import { identityOf, isAddressOf } from "./cookie-identity.ts";
import { type Facts, type Rule, readHost, readSentEnd } from "./facts.ts";
import { MAX_AGE_MS } from "./past-cookie.ts";
import { sayDuration, sayMoment, sayName, sayRequest, sayServerMoment } from "./words.ts";

/** Clocks closer than this are not worth mentioning. */
const SKEW_MS = 2000;
/** Two expiries closer than this count as one: a response takes up to this long to arrive. */
const SAME_END_MS = 5000;

function rule(name: string, claim: string, say: (facts: Facts) => string | [string, string] | null): Rule {
  return {
    name,
    about: claim === "clocks differ" ? "session" : "cookie",
    claims: [claim],
    explain(facts) {
      const found = say(facts);
      if (found === null) return null;
      return typeof found === "string" ? { sentence: found } : { sentence: found[0], remedy: found[1] };
    },
  };
}

export const COOKIE_ENDS: readonly Rule[] = [
  rule("port-collision", "two servers share it", ({ name, otherPorts: [other], request, pageUrl }) => {
    const own = readOrigin(request?.url) ?? readOrigin(pageUrl);
    if (other === undefined || own === null) return null;
    return [
      `${own} and ${other} both set ${sayName(name)}: cookies ignore ports, so each overwrites what the other has set.`,
      "If they are two apps, give one of them a different SESSION_COOKIE_NAME.",
    ];
  }),
  rule("namesakes", "it has namesakes", ({ name, namesakes, request, pageUrl }) => {
    if (namesakes.length < 2) return null;
    const url = request?.url ?? pageUrl ?? "";
    const path = URL.canParse(url) ? new URL(url).pathname : "this page";
    return [
      `There are ${namesakes.length} cookies named ${sayName(name)} (${namesakes.map((one) => sayName(one.domain + one.path)).join(", ")}): the browser sends all of them to ${sayName(path)}, and most servers use only one.`,
      "Delete the ones that the server no longer sets. Changing Domain or Path leaves the old cookie behind.",
    ];
  }),
  rule("unreadable-expires", "it ends with the browser", ({ name, sent, after, isListed }) => {
    if (!sent || !isListed || after === null || after === "absent") return null;
    const { expires, maxAge } = sent.parsed;
    if (sent.expiresText === null || expires !== undefined || maxAge !== undefined) return null;
    if (after.value !== sent.parsed.value || after.expiresAt !== null) return null;
    return [
      `${sayName(name)} ends when the browser closes, although the server sent Expires=${sayName(sent.expiresText)}: the browser cannot read that as a date.`,
      "Send an HTTP date, or Max-Age in seconds.",
    ];
  }),
  rule("unreadable-max-age", "it ends with the browser", ({ name, sent, after, isListed }) => {
    if (!sent || !isListed || after === null || after === "absent") return null;
    const { maxAge, maxAgeText, expires, isEndUnsure } = sent.parsed;
    if (maxAgeText === undefined || maxAge !== undefined || expires !== undefined || isEndUnsure) return null;
    if (after.value !== sent.parsed.value || after.expiresAt !== null) return null;
    return [
      `${sayName(name)} ends when the browser closes, although the server sent Max-Age=${sayName(maxAgeText)}: the browser cannot read that as a number of seconds.`,
      "Send whole seconds, digits only.",
    ];
  }),
  rule("browser-close", "it ends with the browser", ({ name, sent, trace, skewMs }) => {
    const { cookie = null, after = null } = trace ?? {};
    if (cookie?.action !== "set" || cookie.name !== name) return null;
    if (cookie.maxAge !== null || cookie.expiresAt !== null || sent?.expiresText != null) return null;
    const end = after?.expiresAt ?? null;
    return `${sayName(name)} was sent without an expiry: it ends when the browser closes, unless the browser restores its tabs.${end === null ? "" : ` The session itself lasts until ${sayServerMoment(end, skewMs)}.`}`;
  }),
  rule("max-age-over-expires", "two ends were sent", ({ name, sent, request, skewMs }) => {
    const { maxAge, expires } = sent?.parsed ?? {};
    if (!sent || maxAge === undefined || expires === undefined || !request) return null;
    const difference = request.at + maxAge * 1000 - expires.getTime();
    const isSkew = skewMs !== null && Math.abs(difference + skewMs) < SAME_END_MS;
    if (Math.abs(difference) < SAME_END_MS || isSkew || maxAge <= 0) return null;
    return `${sayName(name)} was sent with Expires=${sayName(sent.expiresText ?? "")} and Max-Age=${maxAge}, which are ${sayDuration(difference)} apart by this browser's clock. Browsers follow Max-Age.`;
  }),
  rule("shortened", "its end is not what the server said", ({ name, sent, request, after, isListed }) => {
    if (!sent || !request || !isListed || after === null || after === "absent") return null;
    const wanted = readSentEnd(sent, request.at);
    const stored = after.expiresAt;
    if (wanted === null || stored === null || after.value !== sent.parsed.value) return null;
    // An expiry other than the browser's limit was set by someone later.
    const isLimit = Math.abs(stored - request.at - MAX_AGE_MS) < 86_400_000;
    if (!isLimit || wanted - stored < 60_000) return null;
    return `The server asked for ${sayName(name)} to last until ${sayMoment(wanted)}. The browser stored it until ${sayMoment(stored)}: no cookie lives longer than 400 days.`;
  }),
  rule("clocks-differ", "clocks differ", ({ name, skewMs, sent, request }) => {
    if (skewMs === null || Math.abs(skewMs) <= SKEW_MS) return null;
    // Browsers correct Expires by the response's Date: it is only off if that Date comes from another clock than the
    // bridge's.
    const isUncorrected = request?.cookieClock && Math.abs(request.cookieClock.aheadMs) <= SKEW_MS;
    const effect =
      isUncorrected && sent?.parsed.maxAge === undefined && sent?.parsed.expires
        ? `, so an expiry that it sends as a date, such as that of ${sayName(name)}, comes that much ${skewMs > 0 ? "later" : "earlier"} by the browser's clock`
        : "";
    return [
      `The server's clock is ${sayDuration(skewMs)} ${skewMs > 0 ? "ahead of" : "behind"} this browser's${effect}.`,
      "Synchronize the clocks, or use Max-Age, which needs no clock.",
    ];
  }),
  rule("expires-corrected", "its Expires was corrected", ({ name, sent, request, after, isListed }) => {
    const { maxAge, expires } = sent?.parsed ?? {};
    const aheadMs = request?.cookieClock?.aheadMs ?? 0;
    if (maxAge !== undefined || expires === undefined || Math.abs(aheadMs) < 60_000) return null;
    if (!isListed || after === null || after === "absent" || after.expiresAt === null) return null;
    // Reported only if it is seen: the stored expiry is the corrected one.
    if (after.value !== sent?.parsed.value || Math.abs(after.expiresAt - expires.getTime()) > SAME_END_MS)
      return null;
    return `The response to ${sayRequest(request)} was dated ${sayDuration(aheadMs)} ${aheadMs > 0 ? "ahead of" : "behind"} this browser's clock. The browser corrected the Expires of ${sayName(name)} by that much: it expires on ${sayMoment(after.expiresAt)}.`;
  }),
  rule("not-sent", "it was not sent", whyNotSent),
];

/** A cookie that was there, but that the request could not carry. Only reasons that hold in every browser. */
function whyNotSent({ name, request, before, after, isListed, pageUrl }: Facts): string | null {
  if (!request?.sentCookies || !isListed || after === null || after === "absent") return null;
  if (before === null || before === "absent" || request.sentCookies.includes(name)) return null;
  if (!URL.canParse(request.url)) return null;
  const url = new URL(request.url);
  if (!isAddressOf(request, identityOf(after), false))
    return `${sayName(name)} was not sent to ${sayName(url.pathname)}: its Path is ${sayName(after.path)}.`;
  if (after.secure && url.protocol === "http:" && !isLoopbackHost(url.hostname))
    return `${sayName(name)} was not sent to ${url.host}: it is Secure, and the request went over plain http.`;
  // How the user got to a page is not known, and links send cookies that are SameSite=Lax.
  const page = request.type === "document" ? null : readHost(pageUrl);
  const isWithheld = after.sameSite === "lax" || after.sameSite === "strict";
  if (page !== null && isWithheld && isSurelyCrossSite(page, url.hostname))
    return `${sayName(name)} was not sent to ${url.host}: it is SameSite=${after.sameSite === "lax" ? "Lax" : "Strict"}, and ${page} is another site.`;
  return null;
}

function readOrigin(url: string | null | undefined): string | null {
  return url && URL.canParse(url) ? new URL(url).origin : null;
}
