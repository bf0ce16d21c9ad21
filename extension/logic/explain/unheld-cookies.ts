/**
 * The browser's list differs from what the response requested, and no rule of the standard requires that: what was
 * seen, and what the reason may be.
 */
import { isAddress } from "../origins.ts";
import { identityOf, identityOfSent, isSameCookie, sayDifference } from "./cookie-identity.ts";
import { type Facts, isDeletion, type Rule, readSentEnd } from "./facts.ts";
import { isFetchOfAnotherOrigin } from "./setters.ts";
import { sayName, sayRequest } from "./words.ts";

function rule(name: string, say: (facts: Facts) => [string, string] | null): Rule {
  return {
    name,
    about: "cookie",
    claims: ["what became of the cookie"],
    explain(facts) {
      const found = facts.panelDid === null ? say(facts) : null;
      return found && { sentence: found[0], remedy: found[1] };
    },
  };
}

export const UNHELD: readonly Rule[] = [
  rule("deleted-another", ({ name, request, sent, listed = [] }) => {
    const asked = sent && request && isDeletion(sent, request.at) ? identityOfSent(sent, request.url) : null;
    if (asked === null) return null;
    // In frames of other sites, Firefox puts cookies into a partition even if that was not requested.
    const held = listed.map(identityOf).filter(({ partitioned }) => asked.partitioned || !partitioned);
    const [other] = held;
    if (other === undefined || held.some((each) => isSameCookie(each, asked))) return null;
    return [
      `${sayRequest(request)} told the browser to delete ${sayName(name)} ${sayDifference(asked, other)}. The browser holds one ${sayDifference(other, asked)}, which it treats as a different cookie and keeps.`,
      "To delete a cookie, send the same Path, Domain and Partitioned that it was set with.",
    ];
  }),
  rule("without-credentials", ({ name, request, sent, listed, after, pageUrl, isListed }) => {
    if (!request || !sent || !isListed || listed === undefined || after === null) return null;
    if (!isFetchOfAnotherOrigin(request, pageUrl) || request.sentCookies?.length !== 0) return null;
    const isAsked = isDeletion(sent, request.at);
    const isHeld = after !== "absent" && (isAsked || after.value === sent.parsed.value);
    if (isHeld !== isAsked) return null;
    const seen = isAsked ? "still holds" : "does not hold";
    const asked = isAsked ? "was told to delete" : "was told to keep";
    return [
      `The browser ${seen} the ${sayName(name)} that it ${asked} by ${sayRequest(request)}. That request went to another origin without any cookie, and browsers ignore Set-Cookie on a fetch without credentials. The panel cannot tell whether it was such a fetch, or whether something has changed the cookie since.`,
      'Fetch with credentials: "include", and respond with Access-Control-Allow-Credentials.',
    ];
  }),
  rule("domain-may-be-a-suffix", ({ name, request, sent, after, isListed, now }) => {
    if (!request || !sent || !isListed || after !== "absent" || !URL.canParse(request.url)) return null;
    const domain = sent.parsed.domain?.replace(/^\./, "").toLowerCase() ?? "";
    const { hostname } = new URL(request.url);
    if (!domain.includes(".") || !hostname.endsWith(`.${domain}`) || isAddress(hostname)) return null;
    const end = readSentEnd(sent, request.at);
    if (sent.parsed.isEndUnsure || (end !== null && end <= now)) return null;
    return [
      `The browser does not hold the ${sayName(name)} that ${sayRequest(request)} sent with Domain=${sayName(domain)}. If ${sayName(domain)} is a public suffix, below which anyone can have a site, no browser accepts it. This panel has no list of public suffixes, so it cannot tell.`,
      "Leave Domain out, or use your own domain.",
    ];
  }),
];
