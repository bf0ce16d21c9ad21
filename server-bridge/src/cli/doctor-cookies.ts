/**
 * What `session-bridge doctor` says about cookies: names and attributes, never a value.
 *
 * A browser's refusals are those that Chromium 156 and Firefox 153 share (RFC 6265bis §5.7).
 */
import { isLoopbackHost } from "../protocol/loopback-hosts.ts";
import { endOfSetCookie, parseSetCookie, type SetCookie } from "../protocol/set-cookie.ts";
import { type Finding, fact, joinWords, show, wrong } from "./doctor-findings.ts";
import { type Answer, valuesOf } from "./doctor-request.ts";

/** One cookie that a response set. */
export interface SentCookie {
  cookie: SetCookie;
  /** The response's address. */
  url: URL;
}

/** The most `Set-Cookie` lines that are read of one response. Browsers keep about 180 cookies for one site. */
const MAX_LINES = 50;
/** Name and value together, in bytes (RFC 6265bis §5.6). */
const MAX_COOKIE_BYTES = 4096;

/** Names that libraries give to the cookie of a session, and that apps choose for it. */
const SESSION_NAME =
  /sess|(?:^|[._:-])sid(?:$|[._:-])|(?:^|[._:-])(?:auth|jwt)(?:$|[._:-])|(?:access|auth|id|refresh)[._-]?token/i;
const NO_SESSION_NAME = /csrf|xsrf|consent/i;

/** True for a cookie that one of `known` names, or whose name looks like that of a session. */
export function isSessionName(name: string, known: readonly string[]): boolean {
  return known.includes(name) || (SESSION_NAME.test(name) && !NO_SESSION_NAME.test(name));
}

/** The cookies of these responses, in order. */
export function readCookies(answers: readonly Answer[]): SentCookie[] {
  return answers.flatMap((answer) =>
    valuesOf(answer, "set-cookie")
      .slice(0, MAX_LINES)
      .flatMap((line) => {
        const cookie = parseSetCookie(line, null);
        return cookie === null ? [] : [{ cookie, url: answer.url }];
      }),
  );
}

/** True for a line that deletes its cookie. */
export function isDeletion({ cookie }: SentCookie): boolean {
  const now = Date.now();
  const end = endOfSetCookie(cookie, now);
  return end !== null && end <= now;
}

/** Each session cookie with its attributes, and what is wrong with any cookie. @param known names that a bridge gave */
export function examineCookies(sent: readonly SentCookie[], known: readonly string[]): Finding[] {
  const isSession = ({ cookie }: SentCookie) => isSessionName(cookie.name, known);
  const facts = sent.filter(isSession).map(sayCookie);
  const faults = sent.flatMap((one) => RULES.flatMap((rule) => rule(one, isSession(one)) ?? []));
  const all = [...facts, ...faults];
  return all.filter(({ text }, at) => all.findIndex((one) => one.text === text) === at);
}

function sayCookie(sent: SentCookie): Finding {
  const { name, httpOnly, secure, sameSite, path, domain, maxAgeText, expiresText, partitioned } =
    sent.cookie;
  const attributes = [
    httpOnly ? "HttpOnly" : "no HttpOnly",
    secure ? "Secure" : "no Secure",
    sameSite === undefined ? "no SameSite" : `SameSite=${show(sameSite, 40)}`,
    ...(path === undefined ? [] : [`Path=${show(path, 40)}`]),
    ...(domain === undefined ? [] : [`Domain=${show(domain, 40)}`]),
    ...(maxAgeText === undefined ? [] : [`Max-Age=${show(maxAgeText, 40)}`]),
    ...(expiresText === undefined ? [] : [`Expires=${show(expiresText, 40)}`]),
    ...(maxAgeText === undefined && expiresText === undefined ? ["until the browser closes"] : []),
    ...(partitioned === undefined ? [] : ["Partitioned"]),
  ];
  return fact(
    `It ${isDeletion(sent) ? "deletes" : "sets"} the cookie ${sayName(name)}: ${attributes.join(", ")}.`,
  );
}

function sayName(name: string): string {
  return name === "" ? "without a name" : show(name, 60);
}

/** Returns its finding, or null if this cookie is not its case. */
type Rule = (sent: SentCookie, isSession: boolean) => Finding | null;

const refused = (name: string, why: string, next: string) =>
  wrong(`Browsers refuse the cookie ${sayName(name)}: ${why}`, next);

const noHttpOnly: Rule = (sent, isSession) =>
  !isSession || sent.cookie.httpOnly || isDeletion(sent)
    ? null
    : wrong(
        `The cookie ${sayName(sent.cookie.name)}, by its name that of a session, has no HttpOnly: scripts of the page can read it.`,
        "Set HttpOnly (httpOnly: true, or SESSION_COOKIE_HTTPONLY).",
      );

const noneWithoutSecure: Rule = ({ cookie }) =>
  cookie.sameSite?.toLowerCase() === "none" && !cookie.secure
    ? refused(
        cookie.name,
        "SameSite=None is accepted only together with Secure.",
        "Use SameSite=Lax, or add Secure.",
      )
    : null;

const secureOverHttp: Rule = ({ cookie, url }) =>
  cookie.secure && url.protocol === "http:" && !isLoopbackHost(url.hostname)
    ? refused(
        cookie.name,
        `it is marked Secure, and ${show(url.host)} answered over plain http.`,
        "Serve the site over https, open it as localhost, or leave Secure off in development.",
      )
    : null;

const securePrefix: Rule = ({ cookie }) =>
  /^__Secure-/i.test(cookie.name) && !cookie.secure
    ? refused(
        cookie.name,
        "a name that begins with __Secure- needs Secure.",
        "Add Secure, or choose another name.",
      )
    : null;

const hostPrefix: Rule = ({ cookie, url }) => {
  const { name, secure, domain, path } = cookie;
  if (!/^__Host-/i.test(name)) return null;
  const lacks = [
    ...(secure ? [] : ["has no Secure"]),
    ...(domain ? [`has Domain=${show(domain, 40)}`] : []),
    ...(path === undefined && pathOfAddress(url) !== "/" ? ["has no Path"] : []),
    ...(path === undefined || path === "/" ? [] : [`has Path=${show(path, 40)}`]),
  ];
  const rule = "a name that begins with __Host- needs Secure, Path=/ and no Domain";
  const step = "Send it with Secure and Path=/, without Domain, or choose another name.";
  if (lacks.length > 0) return refused(name, `${rule}, and this one ${joinWords(lacks)}.`, step);
  // measured: without a Path, Firefox takes the address's
  return path === undefined
    ? wrong(`Chromium refuses the cookie ${sayName(name)}: it has no Path.`, "Add Path=/.")
    : null;
};

const foreignDomain: Rule = ({ cookie, url }) => {
  const domain = domainOf(cookie);
  const { hostname } = url;
  if (domain === null || hostname === domain) return null;
  const isBelow = !isAddress(hostname) && hostname.endsWith(`.${domain}`);
  if (isBelow && domain.includes(".")) return null;
  const why = isBelow
    ? `its Domain ${show(domain, 40)} is a top-level domain.`
    : `its Domain is ${show(domain, 40)}, and ${show(hostname, 60)} sent it.`;
  return refused(cookie.name, why, "Leave Domain out.");
};

/** Measured: both browsers keep it for localhost alone, and refuse it at the names below. */
const domainLocalhost: Rule = ({ cookie, url }) =>
  domainOf(cookie) === "localhost" && url.hostname === "localhost"
    ? wrong(
        `The cookie ${sayName(cookie.name)} has Domain=localhost: browsers keep it for localhost alone, and refuse it at app.localhost.`,
        "Leave Domain out.",
      )
    : null;

const tooLarge: Rule = ({ cookie }) => {
  const bytes = cookie.name.length + cookie.value.length;
  return bytes <= MAX_COOKIE_BYTES
    ? null
    : refused(
        cookie.name,
        `name and value are ${bytes} bytes, and browsers accept at most ${MAX_COOKIE_BYTES}.`,
        "Keep less in it, or store the session on the server.",
      );
};

const RULES: readonly Rule[] = [
  noneWithoutSecure,
  secureOverHttp,
  securePrefix,
  hostPrefix,
  foreignDomain,
  domainLocalhost,
  tooLarge,
  noHttpOnly,
];

function isAddress(host: string): boolean {
  return host.startsWith("[") || /^[\d.]+$/.test(host);
}

function domainOf({ domain }: SetCookie): string | null {
  return domain?.replace(/^\./, "").toLowerCase() || null;
}

/** Host, domain and path: two lines for one of these set one cookie, whatever their ports. */
export function identityOf({ cookie, url }: SentCookie): string {
  const domain = domainOf(cookie);
  const isHostOnly =
    domain === null || (domain === url.hostname && (domain === "localhost" || isAddress(domain)));
  const host = isHostOnly ? url.hostname : `.${domain}`;
  return `${host} ${cookie.path?.startsWith("/") ? cookie.path : pathOfAddress(url)} ${cookie.name}`;
}

/** The path of a cookie without one (RFC 6265 §5.1.4). */
function pathOfAddress({ pathname }: URL): string {
  const end = pathname.lastIndexOf("/");
  return end <= 0 ? "/" : pathname.slice(0, end);
}
