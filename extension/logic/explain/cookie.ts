/** What became of a cookie: new, replaced, renewed, gone. */
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { identityOf, isAddressOf } from "./cookie-identity.ts";
import { type Facts, isDeletion, type PastCookie, type Rule } from "./facts.ts";
import { sayDuration, sayMoment, sayName, sayRequest } from "./words.ts";

/** Facts in which both sides of the cookie are as a rule needs them. */
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

/** True when what was sent is what is there: the browser took it. */
const isTaken = ({ sent }: Facts, after: TabCookie | null): after is TabCookie =>
  after !== null && sent !== null && after.value === sent.parsed.value;

/** An end that is known; undefined where it is not. */
const endBefore = (before: PastCookie | null) => before?.expiresAt;

export const COOKIE: readonly Rule[] = [
  rule("new", (facts, { name, request, before, after }) => {
    if (before !== null || request?.sentCookies == null || !isTaken(facts, after)) return null;
    if (request.sentCookies.includes(name)) return null;
    return facts.before === "absent"
      ? `${sayName(name)} is new: ${sayRequest(request)} went out without it, and its response set it.`
      : `${sayName(name)} was set by the response to ${sayRequest(request)}, which had gone out without it.`;
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
      ? `${sayName(name)} is new: ${sayRequest(request)} went out without it, and no response in this timeline has set it since. A script of the page, another tab, a request that is not in this timeline, an extension or this panel did.`
      : null,
  ),
  rule("replaced", (facts, { name, request, trace, sent, before, after }) => {
    // "The session got a new key" says it already.
    if (trace?.newKey && trace.before !== null && trace.cookie?.name === name) return null;
    if (before?.value === undefined || before.wasCarried !== true || !isTaken(facts, after)) return null;
    if (before.value === sent?.parsed.value) return null;
    return `${sayName(name)} was replaced by ${sayRequest(request)}: the server sent another value than before.`;
  }),
  rule("renewed", (facts, { name, request, sent, before, after }) => {
    if (before?.value === undefined || before.wasCarried !== true || !isTaken(facts, after)) return null;
    const [old, end] = [endBefore(before), after.expiresAt];
    if (before.value !== sent?.parsed.value || old == null || end === null || end - old < 1000) return null;
    return `${sayName(name)} was renewed by ${sayRequest(request)}: its value is the same, and it now ends ${sayDuration(end - old)} later.`;
  }),
  rule("deleted-by-server", (facts, { name, request, sent, after, now }) => {
    if (sent === null || after !== null || facts.before === "absent") return null;
    if (!isDeletion(sent, request?.at ?? now)) return null;
    if (facts.after === "absent" && facts.before?.wasCarried === true)
      return `${sayName(name)} is gone: ${sayRequest(request)} deleted it.`;
    const path = sent.parsed.path ? ` of Path ${sayName(sent.parsed.path)}` : "";
    return `${sayRequest(request)} told the browser to delete ${sayName(name)}${path}.`;
  }),
  rule("cleared", (facts, { name, before, after, panelDid }) => {
    const { clearedBy = null } = facts;
    if (clearedBy === null || after !== null || panelDid === "deleted") return null;
    const host = sayName(new URL(clearedBy.url).hostname);
    return facts.after === "absent" && before?.wasCarried === true
      ? `${sayName(name)} is gone: ${sayRequest(clearedBy)} answered with Clear-Site-Data, which told the browser to delete all cookies of ${host}.`
      : `${sayRequest(clearedBy)} told the browser by Clear-Site-Data to delete all cookies of ${host}.`;
  }),
  rule("expired", (facts, { name, request, sent, before, now }) => {
    const end = endBefore(before);
    if (facts.after !== "absent" || sent !== null || end == null) return null;
    if (end > (request?.at ?? now)) return null;
    return `${sayName(name)} is ${before?.wasCarried ? "gone" : "not there"}: its time was over on ${sayMoment(end)}.`;
  }),
  rule("deleted-by-panel", (facts, { name, before, panelDid }) => {
    if (facts.after !== "absent" || (panelDid !== "deleted" && panelDid !== "closed")) return null;
    if (panelDid === "deleted") return `${sayName(name)} is gone: it was deleted in this panel.`;
    // The close takes only what ends with the browser.
    return endBefore(before) === null
      ? `${sayName(name)} is gone: this panel simulated the browser's close.`
      : null;
  }),
  rule("evicted", (facts, { name, request, sent, before, now, panelDid }) => {
    const end = endBefore(before);
    if (facts.after !== "absent" || sent !== null || panelDid !== null || request !== null) return null;
    if (end === undefined || (end !== null && end <= now)) return null;
    return before?.wasCarried === true
      ? `${sayName(name)} is gone before its time, and no response in this timeline deleted it: the browser evicted it, or another tab, a script, a request that is not in this timeline, an extension or a person deleted it.`
      : `${sayName(name)} is not there, although its time is not over and no response in this timeline deleted it: the browser did not take it or evicted it, or another tab, a script, a request that is not in this timeline, an extension or a person deleted it.`;
  }),
];

/** True for the load of a page that would have been sent the cookie, had it been there. */
function loadsBeneath(request: NetworkRequest, cookie: TabCookie): boolean {
  const { type, method, sentCookies, fromCache } = request;
  const isLoad = type === "document" && method === "GET" && sentCookies !== null && !fromCache;
  const isSent = isLoad && !sentCookies.includes(cookie.name);
  return isSent && cookie.sameSite !== "strict" && isAddressOf(request, identityOf(cookie), cookie.secure);
}
