/** What happened to a cookie: new, replaced, renewed, gone. */

import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { endedBy, SAME_MS } from "../sooner-expiry.ts";
import { identityOf, isAddressOf } from "./cookie-identity.ts";
import { type Facts, isDeletion, type PastCookie, type Rule } from "./facts.ts";
import { sayDuration, sayMoment, sayName, sayRequest } from "./words.ts";

/** Facts in which both sides of the cookie are present as a rule needs them. */
type Told = Omit<Facts, "before" | "after"> & { before: PastCookie | null; after: TabCookie | null };

function rule(name: string, say: (facts: Facts, told: Told) => string | null): Rule {
  return {
    name,
    about: "cookie",
    claims: ["what became of the cookie"],
    explain(facts) {
      const { before, after } = facts;
      const told = {
        ...facts,
        before: before === "absent" ? null : before,
        after: after === "absent" ? null : after,
      };
      const sentence = say(facts, told);
      return sentence === null ? null : { sentence };
    },
  };
}

/** True when the cookie is what was sent: the browser accepted it. */
const isTaken = ({ sent }: Facts, after: TabCookie | null): after is TabCookie =>
  after !== null && sent !== null && after.value === sent.parsed.value;

/** A known expiry; undefined if it is not known. */
const endBefore = (before: PastCookie | null) => before?.expiresAt;

export const COOKIE: readonly Rule[] = [
  rule("new", (facts, { name, request, before, after }) => {
    if (before !== null || request?.sentCookies == null || !isTaken(facts, after)) return null;
    if (request.sentCookies.includes(name)) return null;
    return facts.before === "absent"
      ? `${sayName(name)} is new: ${sayRequest(request)} was sent without it, and its response set it.`
      : `${sayName(name)} was set by the response to ${sayRequest(request)}, which had been sent without it.`;
  }),
  rule("new-by-script", (_facts, { name, request, sent, before, after, panelDid, isListed, isPartial }) =>
    before === null &&
    !isPartial &&
    after !== null &&
    isListed &&
    sent === null &&
    panelDid === null &&
    !after.httpOnly &&
    request !== null &&
    loadsBeneath(request, after)
      ? `${sayName(name)} is new: ${sayRequest(request)} was sent without it, and no response in this timeline has set it since. It was set by a script of the page, another tab, a request that is not in this timeline, an extension or this panel.`
      : null,
  ),
  rule("replaced", (facts, { name, request, trace, sent, before, after }) => {
    // "The session got a new key" already says so.
    if (trace?.newKey && trace.before !== null && trace.cookie?.name === name) return null;
    if (before?.value === undefined || before.wasCarried !== true || !isTaken(facts, after)) return null;
    if (before.value === sent?.parsed.value) return null;
    return `${sayName(name)} was replaced by ${sayRequest(request)}: the server sent a different value than before.`;
  }),
  rule("renewed", (facts, { name, request, sent, before, after }) => {
    if (before?.value === undefined || before.wasCarried !== true || !isTaken(facts, after)) return null;
    const [old, end] = [endBefore(before), after.expiresAt];
    if (before.value !== sent?.parsed.value || old == null || end === null || end - old < 1000) return null;
    return `${sayName(name)} was renewed by ${sayRequest(request)}: its value is the same, and it now expires ${sayDuration(end - old)} later.`;
  }),
  rule("deleted-by-server", (facts, { name, request, sent, after, now }) => {
    if (sent === null || after !== null || facts.before === "absent") return null;
    if (!isDeletion(sent, request?.at ?? now)) return null;
    if (facts.after === "absent" && facts.before?.wasCarried === true)
      return `${sayName(name)} is gone: ${sayRequest(request)} deleted it.`;
    const path = sent.parsed.path ? ` with Path ${sayName(sent.parsed.path)}` : "";
    return `${sayRequest(request)} told the browser to delete ${sayName(name)}${path}.`;
  }),
  rule("cleared", (facts, { name, before, after, panelDid }) => {
    const { clearedBy = null } = facts;
    if (clearedBy === null || after !== null || panelDid === "deleted") return null;
    const host = sayName(new URL(clearedBy.url).hostname);
    return facts.after === "absent" && before?.wasCarried === true
      ? `${sayName(name)} is gone: ${sayRequest(clearedBy)} answered with Clear-Site-Data, which told the browser to delete all cookies of ${host}.`
      : `${sayRequest(clearedBy)} told the browser with Clear-Site-Data to delete all cookies of ${host}.`;
  }),
  rule("expired", (facts, { name, request, sent, before, now }) => {
    const end = endBefore(before);
    if (facts.after !== "absent" || sent !== null || end == null) return null;
    if (end > (request?.at ?? now)) return null;
    const by = settingBehind(facts, end);
    const why = by === null ? "" : `, the end that ${by} had set`;
    return `${sayName(name)} is ${before?.wasCarried ? "gone" : "not there"}: it expired on ${sayMoment(end)}${why}.`;
  }),
  rule("deleted-by-panel", (facts, { name, before, panelDid }) => {
    if (facts.after !== "absent" || (panelDid !== "deleted" && panelDid !== "closed")) return null;
    if (panelDid === "deleted") return `${sayName(name)} is gone: it was deleted in this panel.`;
    // The close only removes cookies that end when the browser closes.
    return endBefore(before) === null
      ? `${sayName(name)} is gone: this panel simulated a browser close.`
      : null;
  }),
  rule("evicted", (facts, { name, request, sent, before, now, panelDid }) => {
    const end = endBefore(before);
    if (facts.after !== "absent" || sent !== null || panelDid !== null || request !== null) return null;
    if (end === undefined || (end !== null && end <= now)) return null;
    return before?.wasCarried === true
      ? `${sayName(name)} is gone although it has not expired, and no response in this timeline deleted it: the browser evicted it, or another tab, a script, a request that is not in this timeline, an extension or a person deleted it.`
      : `${sayName(name)} is not there, although it has not expired and no response in this timeline deleted it: the browser did not accept it or evicted it, or another tab, a script, a request that is not in this timeline, an extension or a person deleted it.`;
  }),
];

/** True for a page load that would have sent the cookie, had it been there. */
function loadsBeneath(request: NetworkRequest, cookie: TabCookie): boolean {
  const { type, method, sentCookies, fromCache } = request;
  const isLoad = type === "document" && method === "GET" && sentCookies !== null && !fromCache;
  const isSent = isLoad && !sentCookies.includes(cookie.name);
  return isSent && cookie.sameSite !== "strict" && isAddressOf(request, identityOf(cookie), cookie.secure);
}

/** The deadline of its session at which the cookie expired, as was last reported; null: neither, or that is not known. */
function settingBehind({ lastSeen, skewMs }: Facts, end: number): "absoluteAge" | "idleAge" | null {
  const expiresAt = lastSeen?.side?.expiresAt ?? null;
  if (expiresAt === null || Math.abs(expiresAt - (skewMs ?? 0) - end) >= SAME_MS) return null;
  return endedBy(expiresAt, lastSeen?.side?.deadlines);
}
