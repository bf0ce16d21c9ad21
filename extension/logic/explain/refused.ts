/**
 * Why the browser did not take a cookie that the server sent.
 *
 * @source RFC 6265bis §5.7 (storage model), and what Chromium and Firefox were seen to do
 */
import { type Facts, isDeletion, isLoopback, type Rule, readHost } from "./facts.ts";
import { sayName, sayRequest } from "./words.ts";

/** Name and value together, in bytes (RFC 6265bis §5.6). */
export const MAX_COOKIE_BYTES = 4096;

/** Sent to be kept, and not there; the panel had no hand in it. */
function isRefused({ sent, request, after, panelDid, now }: Facts): boolean {
  if (sent === null || panelDid !== null || after?.value === sent.parsed.value) return false;
  return (
    sent.parsed.value !== "" && (sent.parsed.maxAge ?? 1) > 0 && !(request === null && isDeletion(sent, now))
  );
}

/** A refusal rule is asked only when something was sent and is not there. */
function refusal(
  name: string,
  say: (facts: Facts, line: NonNullable<Facts["sent"]>["parsed"], url: URL) => [string, string] | null,
): Rule {
  return {
    name,
    about: "refused",
    explain(facts) {
      const url = facts.request && URL.canParse(facts.request.url) ? new URL(facts.request.url) : null;
      if (!facts.sent || !url || !isRefused(facts)) return null;
      const found = say(facts, facts.sent.parsed, url);
      return found && { sentence: found[0], remedy: found[1] };
    },
  };
}

export const REFUSED: readonly Rule[] = [
  refusal("secure-on-http", (facts, sent, url) =>
    sent.secure && url.protocol === "http:" && !isLoopback(url.hostname)
      ? [
          `The browser refused ${sayName(facts.name)}: it is marked Secure, and ${url.host} answered over plain http.`,
          "Serve the site over https, or leave Secure off in development (SESSION_COOKIE_SECURE).",
        ]
      : null,
  ),
  refusal("samesite-none-without-secure", (facts, sent) =>
    sent.sameSite?.toLowerCase() === "none" && !sent.secure
      ? [
          `The browser refused ${sayName(facts.name)}: SameSite=None is only taken together with Secure.`,
          "Add Secure, or use SameSite=Lax.",
        ]
      : null,
  ),
  refusal("host-prefix", (facts, sent, url) =>
    /^__Host-/i.test(facts.name) &&
    (!sent.secure ||
      sent.domain !== undefined ||
      sent.path !== "/" ||
      (url.protocol === "http:" && !isLoopback(url.hostname)))
      ? [
          `The browser refused ${sayName(facts.name)}: a name that begins with __Host- needs Secure, Path=/ and no Domain.`,
          "Send it with Secure and Path=/, without Domain, or choose another name.",
        ]
      : null,
  ),
  refusal("secure-prefix", (facts, sent) =>
    /^__Secure-/i.test(facts.name) && !sent.secure
      ? [
          `The browser refused ${sayName(facts.name)}: a name that begins with __Secure- needs Secure.`,
          "Add Secure, or choose another name.",
        ]
      : null,
  ),
  refusal("domain-of-another-host", (facts, sent, url) => {
    const domain = sent.domain?.replace(/^\./, "").toLowerCase();
    if (!domain || url.hostname === domain || url.hostname.endsWith(`.${domain}`)) return null;
    return [
      `The browser refused ${sayName(facts.name)}: its Domain is ${sayName(domain)}, and it was sent by ${url.hostname}.`,
      "Set SESSION_COOKIE_DOMAIN to the site's own domain, or leave it out.",
    ];
  }),
  refusal("domain-without-a-dot", (facts, sent, url) => {
    const domain = sent.domain?.replace(/^\./, "").toLowerCase();
    if (!domain || domain.includes(".") || domain === url.hostname) return null;
    return [
      `The browser refused ${sayName(facts.name)}: ${sayName(domain)} is a whole top-level domain, shared by everybody below it.`,
      "Use a domain of your own, or leave Domain out.",
    ];
  }),
  refusal("too-large", (facts, sent) => {
    const bytes = new TextEncoder().encode(sent.name + sent.value).length;
    if (bytes <= MAX_COOKIE_BYTES) return null;
    return [
      `The browser refused ${sayName(facts.name)}: name and value are ${bytes} bytes, and browsers take ${MAX_COOKIE_BYTES} at most.`,
      "Keep less in the session, or use an engine that stores it on the server.",
    ];
  }),
  refusal("control-character", (facts, sent) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the rule is about them
    /[\u0000-\u0008\u000a-\u001f\u007f]/.test(sent.name + sent.value)
      ? [
          `The browser refused ${sayName(facts.name)}: its value holds a control character.`,
          "Encode the value before it is put into a cookie.",
        ]
      : null,
  ),
  refusal("samesite-across-sites", (facts, sent, url) => {
    const page = readHost(facts.pageUrl);
    const strict = sent.sameSite === undefined || /^(lax|strict)$/i.test(sent.sameSite);
    if (!page || !strict || facts.request?.type === "document" || isSameSite(page, url.hostname)) return null;
    return [
      `The browser refused ${sayName(facts.name)}: ${url.hostname} is another site than ${page}, and the cookie is SameSite=${sayName(sent.sameSite ?? "Lax (the default)")}.`,
      "A cookie used inside other sites needs SameSite=None; Secure, and Partitioned where third-party cookies are blocked.",
    ];
  }),
  refusal("already-expired", (facts, sent, url) => {
    const at = facts.request?.at ?? facts.now;
    const ended =
      sent.maxAge === undefined &&
      sent.expires !== undefined &&
      sent.expires.getTime() <= at &&
      sent.value !== "" &&
      sent.value !== '""';
    if (!ended) return null;
    return [
      `The browser dropped ${sayName(facts.name)} at once: ${sayRequest(facts.request)} sent it with an expiry that had already passed.`,
      `Check the clock of ${url.host}, and the code that computes the expiry.`,
    ];
  }),
];

/** Enough of "same site" for a sentence: the same last two labels, or the same host. Without a public suffix list. */
function isSameSite(one: string, other: string): boolean {
  const tail = (host: string) => host.split(".").slice(-2).join(".");
  return one === other || (tail(one) === tail(other) && tail(one).includes("."));
}
