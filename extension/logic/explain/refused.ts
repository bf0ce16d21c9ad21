/**
 * Why the browser did not accept a cookie that the server sent. Only reasons for which Chromium and Firefox both refuse
 * it.
 *
 * @source RFC 6265bis §5.7 (storage model), and the observed behaviour of Chromium 156 and Firefox 153
 */
import { isLoopbackHost } from "session-bridge/protocol";
import { isAddress, isSurelyCrossSite } from "../origins.ts";
import { identityOf, identityOfSent, isSameCookie, isSecureAddress } from "./cookie-identity.ts";
import { type Facts, isDeletion, type Rule, readHost, readSentEnd } from "./facts.ts";
import { sayName, sayRequest } from "./words.ts";

/** Name and value together, in bytes (RFC 6265bis §5.6). */
export const MAX_COOKIE_BYTES = 4096;

/** An earlier expiry means deletion: apps send a date like 1970, or the epoch of some clock. */
const MEANT_TO_END = Date.UTC(1980, 0, 2);

type Sent = NonNullable<Facts["sent"]>["parsed"];

/** True when it was meant to be kept and the panel did not interfere. */
function isToBeKept({ sent, request, panelDid, now }: Facts): boolean {
  return sent !== null && panelDid === null && !isDeletion(sent, request?.at ?? now);
}

/** True when the browser is seen not to have it: it lists another cookie in its place, or none. */
function isMissing({ sent, after, isListed }: Facts): boolean {
  if (after === null || after === "absent") return after === "absent";
  return isListed && after.value !== sent?.parsed.value;
}

interface Refusal {
  name: string;
  /** Says why, and what helps. Null: not for this reason. */
  say(facts: Facts, sent: Sent, url: URL): [string, string] | null;
  /**
   * `true`: browsers differ in this reason, so it must be seen that this one lacks the cookie. Otherwise the reason is
   * enough, even if the browser's list does not show it, for example for a past request or a host without a frame here.
   */
  mustBeMissing?: true;
  /** Whether the rule is tried at all. Default: the cookie was meant to be kept and is not there. */
  isAsked?(facts: Facts): boolean;
  isLength?: true;
}

function refusal({ name, say, isLength, mustBeMissing, isAsked }: Refusal): Rule {
  const isLost = (facts: Facts) =>
    isToBeKept(facts) && (isMissing(facts) || (facts.after === null && !mustBeMissing));
  const asked = isAsked ?? isLost;
  return {
    name,
    about: "refused",
    claims: isLength ? ["what became of the cookie", "it is too long"] : ["what became of the cookie"],
    explain(facts) {
      const url = facts.request && URL.canParse(facts.request.url) ? new URL(facts.request.url) : null;
      if (!facts.sent || !url || !asked(facts)) return null;
      const found = say(facts, facts.sent.parsed, url);
      return found && { sentence: `The browser ${found[0]}`, remedy: found[1] };
    },
  };
}

export const REFUSED: readonly Rule[] = [
  refusal({
    name: "secure-on-http",
    say: ({ name }, sent, url) =>
      sent.secure && url.protocol === "http:" && !isLoopbackHost(url.hostname)
        ? [
            `refused ${sayName(name)}: it is marked Secure, and ${url.host} answered over plain http.`,
            "Serve the site over https, or leave Secure off in development (SESSION_COOKIE_SECURE).",
          ]
        : null,
  }),
  refusal({
    name: "secure-in-the-way",
    isAsked: ({ panelDid }) => panelDid === null,
    say: ({ name, listed = [], before, sent: line }, sent, url) => {
      if (line === null || sent.secure || isSecureAddress(url.href)) return null;
      const asked = identityOfSent(line, url.href);
      // It must be seen that it was there before: the browser lists what is there now.
      const value = before === null || before === "absent" ? undefined : before.value;
      const held = listed.find(
        (one) => one.secure && one.value === value && asked !== null && isSameCookie(identityOf(one), asked),
      );
      if (held === undefined || value === sent.value) return null;
      return [
        `refused ${sayName(name)}: it holds a Secure cookie of that name for ${sayName(held.domain + held.path)}, which ${sayName(url.host)} can neither replace nor delete over plain http.`,
        "Use https throughout, or give the plain-http cookie another name.",
      ];
    },
  }),
  refusal({
    name: "samesite-none-without-secure",
    say: ({ name }, sent) =>
      sent.sameSite?.toLowerCase() === "none" && !sent.secure
        ? [
            `refused ${sayName(name)}: SameSite=None is only accepted together with Secure.`,
            "Add Secure, or use SameSite=Lax.",
          ]
        : null,
  }),
  refusal({
    name: "http-prefix",
    mustBeMissing: true,
    say: ({ name }, sent) => {
      const prefix = /^__(?:Host-)?Http-/i.exec(name)?.[0];
      if (prefix === undefined || (sent.secure && sent.httpOnly)) return null;
      const lacks = [sent.secure ? "" : "Secure", sent.httpOnly ? "" : "HttpOnly"].filter(
        (one) => one !== "",
      );
      return [
        `refused ${sayName(name)}: a name that begins with ${prefix} needs ${lacks.join(" and ")}.`,
        `Add ${lacks.join(" and ")}, or choose another name.`,
      ];
    },
  }),
  refusal({
    name: "host-prefix",
    say: ({ name, after }, sent) => {
      if (!/^__Host-/i.test(name)) return null;
      // Without a Path, Firefox uses the path of the address.
      const isPathSure = sent.path !== undefined || after !== null;
      const wrong = [
        sent.secure ? "" : "has no Secure",
        sent.domain ? `has Domain=${sayName(sent.domain)}` : "",
        sent.path === undefined && isPathSure ? "has no Path" : "",
        sent.path === undefined || sent.path === "/" ? "" : `has Path=${sayName(sent.path)}`,
      ].filter((one) => one !== "");
      if (wrong.length === 0) return null;
      return [
        `refused ${sayName(name)}: a name that begins with __Host- needs Secure, Path=/ and no Domain, and this one ${wrong.join(" and ")}.`,
        "Send it with Secure and Path=/, without Domain, or choose another name.",
      ];
    },
  }),
  refusal({
    name: "secure-prefix",
    say: ({ name }, sent) =>
      /^__Secure-/i.test(name) && !sent.secure
        ? [
            `refused ${sayName(name)}: a name that begins with __Secure- needs Secure.`,
            "Add Secure, or choose another name.",
          ]
        : null,
  }),
  refusal({
    name: "domain-without-a-dot",
    say: ({ name }, sent, url) => {
      const domain = domainOf(sent);
      if (domain === null || domain.includes(".") || !url.hostname.endsWith(`.${domain}`)) return null;
      if (isAddress(url.hostname)) return null;
      return [
        `refused ${sayName(name)}: ${sayName(domain)} is a top-level domain, shared by everyone below it.`,
        "Use your own domain, or leave Domain out.",
      ];
    },
  }),
  refusal({
    name: "domain-of-another-host",
    say: ({ name }, sent, url) => {
      const domain = domainOf(sent);
      if (domain === null || url.hostname === domain || url.hostname.startsWith("[")) return null;
      if (!isAddress(url.hostname) && url.hostname.endsWith(`.${domain}`)) return null;
      return [
        `refused ${sayName(name)}: its Domain is ${sayName(domain)}, and it was sent by ${url.hostname}.`,
        "Set SESSION_COOKIE_DOMAIN to the site's own domain, or leave it out.",
      ];
    },
  }),
  refusal({
    name: "too-large",
    isLength: true,
    say: ({ name }, sent) => {
      const pair = sent.name + sent.value;
      // The byte length of non-ASCII characters as they were sent is not known.
      if (pair.length <= MAX_COOKIE_BYTES || !/^[ -~]*$/.test(pair)) return null;
      return [
        `refused ${sayName(name)}: name and value are ${pair.length} bytes, and browsers accept at most ${MAX_COOKIE_BYTES}.`,
        "Keep less in the session, or use an engine that stores it on the server.",
      ];
    },
  }),
  refusal({
    name: "control-character",
    say: ({ name, sent }) =>
      // A tab is one too; of the two browsers, Firefox accepts it.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the rule is about them
      /[\u0000-\u0008\u000a-\u001f\u007f]/.test(sent?.line ?? "")
        ? [
            `refused ${sayName(name)}: its Set-Cookie holds a control character.`,
            "Encode the value before it is put into a cookie.",
          ]
        : null,
  }),
  refusal({
    name: "samesite-across-sites",
    say: ({ name, pageUrl, request }, sent, url) => {
      const page = readHost(pageUrl);
      if (page === null || request?.type === "document" || !/^(?:lax|strict)$/i.test(sent.sameSite ?? ""))
        return null;
      if (!isSurelyCrossSite(page, url.hostname)) return null;
      return [
        `refused ${sayName(name)}: ${url.hostname} is another site than ${page}, and the cookie is SameSite=${sayName(sent.sameSite ?? "")}.`,
        "A cookie used inside other sites needs SameSite=None; Secure, and Partitioned where third-party cookies are blocked.",
      ];
    },
  }),
  refusal({
    name: "already-expired",
    isAsked: ({ panelDid, after }) => panelDid === null && after === "absent",
    say: ({ name, request, sent: line, now }, sent, url) => {
      const at = request?.at ?? now;
      const end = line && sent.maxAge === undefined ? readSentEnd(line, at) : null;
      if (end === null || end > at || end < MEANT_TO_END) return null;
      // A cookie that the request carried was meant to be deleted, and an empty value is not a session.
      if (request?.sentCookies?.includes(name) || sent.value === "" || sent.value === '""') return null;
      return [
        `dropped ${sayName(name)} at once: ${sayRequest(request)} sent it with an expiry that had already passed.`,
        `Check the clock of ${url.host}, and the code that computes the expiry.`,
      ];
    },
  }),
];

/** As written, in lower case, without a leading dot; null if there is none. */
function domainOf({ domain }: Sent): string | null {
  return domain?.replace(/^\./, "").toLowerCase() || null;
}
