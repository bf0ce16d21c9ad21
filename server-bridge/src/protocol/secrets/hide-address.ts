/**
 * A URL without its secrets, for traces and exports. It works on the string, so that a URL that does not parse is
 * covered as well.
 */
import { findInPlace, looksSecret, tellsDecoded } from "./find-secrets.ts";
import { type Found, joinSpans, withoutSpans } from "./found.ts";

const DATA = "data:";

/** What to put in place of a secret in a URL. */
export interface AddressMarks {
  /** For a segment of the path or a part of it, and for a user's password. */
  part(secret: string): string;
  /** For the value of a parameter; every value counts as a secret. */
  value(secret: string): string;
}

/**
 * The URL with marks in place of secrets: path segments, parameter values, parameters without a name. The user's name
 * and password and the fragment are left out.
 */
export function hideAddress(address: string, marks: AddressMarks): string {
  const hash = address.indexOf("#");
  if (hash !== -1) hideParameters(address.slice(hash + 1), marks); // passed to the marks, and left out
  const whole = hash === -1 ? address : address.slice(0, hash);
  const question = whole.indexOf("?");
  const head = question === -1 ? whole : whole.slice(0, question);
  const shown = hidePath(hideUser(head, marks), marks);
  return question === -1 ? shown : `${shown}?${hideParameters(whole.slice(question + 1), marks)}`;
}

/** Without `user:password@`; for a URL that carries its content, such as `data:`, without the content. */
function hideUser(head: string, { part }: AddressMarks): string {
  if (head.slice(0, DATA.length).toLowerCase() === DATA) return DATA + part(head.slice(DATA.length));
  const slashes = head.indexOf("//");
  if (slashes === -1) return head;
  const from = slashes + 2;
  const slash = head.indexOf("/", from);
  const authority = head.slice(from, slash === -1 ? head.length : slash);
  const sign = authority.lastIndexOf("@");
  if (sign === -1) return head;
  const [, ...password] = authority.slice(0, sign).split(":");
  if (password.length > 0) part(password.join(":"));
  return head.slice(0, from) + head.slice(from + sign + 1);
}

function hidePath(path: string, { part }: AddressMarks): string {
  const found: Found = findInPlace(path);
  if (path.includes("%")) noteEncoded(path, found);
  const spans = joinSpans(found);
  let shown = "";
  let at = 0;
  for (const { start, end } of spans) {
    shown += path.slice(at, start) + part(path.slice(start, end));
    at = end;
  }
  if (!tellsDecoded(withoutSpans(path, spans))) return shown + path.slice(at);
  const first = startOfPath(path); // its segments reveal nothing alone, but something together
  const start = spans.some((span) => span.start < first) ? 0 : first;
  return path.slice(0, start) + part(path.slice(start));
}

/** Notes the segments that are secret once they are decoded. */
function noteEncoded(path: string, found: Found): void {
  for (let start = 0; start < path.length; ) {
    const slash = path.indexOf("/", start);
    const end = slash === -1 ? path.length : slash;
    if (tellsDecoded(path.slice(start, end))) found.push({ start, end });
    start = end + 1;
  }
}

/** The position after `https://shop.example`; 0 if there is only a path. */
function startOfPath(path: string): number {
  const slashes = path.indexOf("://");
  const isSite = slashes !== -1 && path.indexOf("/") > slashes;
  return isSite ? Math.max(0, path.indexOf("/", slashes + 3)) : 0;
}

/** `a=1&<token>&b=2`: the names stay, unless they are secrets themselves. */
function hideParameters(query: string, { value }: AddressMarks): string {
  const parts = query.split("&").map((parameter) => {
    const equals = parameter.indexOf("=");
    if (equals === -1) return parameter === "" ? "" : value(parameter);
    const name = parameter.slice(0, equals);
    const given = parameter.slice(equals + 1);
    return `${looksSecret(name) ? value(name) : name}=${given === "" ? "" : value(given)}`;
  });
  return parts.join("&");
}

/** The text that percent signs encode; the text itself if they encode none. */
export function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign: it was never encoded
  }
}
