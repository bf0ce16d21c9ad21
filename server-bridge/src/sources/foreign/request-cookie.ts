/**
 * A request's cookie as the session libraries read it: the first one of a name, where Django takes the last.
 *
 * @source npm's cookie (`parse`) and cookies (`get`)
 */

/** The raw value of the first cookie `name`, spaces around it cut off, as npm's cookie does; empty when there is none. */
export function readFirstCookie(header: string | undefined, name: string): string {
  return readCookies(header).get(name) ?? "";
}

/** Every cookie of a header, as `readFirstCookie` reads it. */
export function readCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const piece of (header ?? "").split(";")) {
    const at = piece.indexOf("=");
    const name = trimBlanks(piece.slice(0, Math.max(at, 0)));
    if (at !== -1 && !cookies.has(name)) cookies.set(name, trimBlanks(piece.slice(at + 1)));
  }
  return cookies;
}

/** The same as npm's cookies reads it, on which cookie-session and Koa stand: no space is cut off after the name. */
export function readKoaCookie(header: string | undefined, name: string): string {
  for (const piece of (header ?? "").split(";")) {
    let start = 0;
    while (piece[start] === " ") start += 1;
    if (piece.startsWith(`${name}=`, start)) return piece.slice(start + name.length + 1);
  }
  return "";
}

/** A value without the quotation mark at its beginning and what then is its last character, as npm's cookies cuts it. */
export function withoutQuotes(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1) : value;
}

/** Spaces and tabs alone: `trim` would take more. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}
