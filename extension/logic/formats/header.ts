/** Cookies as the value of a `Cookie` request header: only names and values, in order. */
import { mapSlices, type Sliced } from "../slices.ts";
import { type Imported, type PortableCookie, sortImported } from "./portable.ts";

/** `a=1; b=2`. A cookie without a name is written as its value alone (RFC 6265bis §5.8.3). */
export function toHeader(cookies: readonly Pick<PortableCookie, "name" | "value">[]): string {
  return cookies.map(({ name, value }) => (name === "" ? value : `${name}=${value}`)).join("; ");
}

/**
 * Reads such a string as cookies of one site. The first `=` ends the name, so values may contain more of them.
 *
 * @param host the host that the cookies are for; they become host-only, for path `/`, and end when the browser closes
 */
export function* parseHeader(text: string, host: string): Sliced<Imported> {
  if (/^\s*set-cookie:/i.test(text))
    return {
      cookies: [],
      problems: ["This is a Set-Cookie line, and its attributes are not cookies. Paste only its name=value."],
    };
  const pieces = text.replace(/^\s*cookie:/i, "").split(";");
  const read = yield* mapSlices(pieces, (piece) =>
    piece.trim() === "" ? null : toCookie(piece.trim(), host),
  );
  const { cookies } = sortImported(read);
  const problems =
    cookies.length === 0 ? ["There is no cookie in this text. Paste it as name=value; name=value."] : [];
  return { cookies, problems };
}

function toCookie(piece: string, host: string): PortableCookie {
  const at = piece.indexOf("=");
  return {
    name: at < 0 ? "" : piece.slice(0, at),
    value: at < 0 ? piece : piece.slice(at + 1),
    domain: host,
    hostOnly: true,
    path: "/",
    secure: false,
    httpOnly: false,
    sameSite: "unspecified",
    expiresAt: null,
    partitionKey: null,
  };
}
