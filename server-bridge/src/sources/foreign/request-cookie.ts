/**
 * Reads a request's cookie as the session libraries do: the first one with a name, while Django takes the last.
 *
 * @source npm's cookie (`parse`) and cookies (`get`)
 */

/**
 * The raw value of the first cookie `name`, with surrounding spaces removed, as in npm's cookie; empty if there is
 * none.
 */
export function readFirstCookie(header: string | undefined, name: string): string {
  return readCookies(header).get(name) ?? "";
}

/** Every cookie of a header, read as in `readFirstCookie`. */
export function readCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const piece of (header ?? "").split(";")) {
    const at = piece.indexOf("=");
    const name = trimBlanks(piece.slice(0, Math.max(at, 0)));
    if (at !== -1 && !cookies.has(name)) cookies.set(name, trimBlanks(piece.slice(at + 1)));
  }
  return cookies;
}

/** The same as npm's cookies reads it, which cookie-session and Koa use: no space after the name is removed. */
export function readKoaCookie(header: string | undefined, name: string): string {
  for (const piece of (header ?? "").split(";")) {
    let start = 0;
    while (piece[start] === " ") start += 1;
    if (piece.startsWith(`${name}=`, start)) return piece.slice(start + name.length + 1);
  }
  return "";
}

/**
 * A value without the quotation mark at its start and whatever its last character then is, as npm's cookies cuts it.
 */
export function withoutQuotes(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1) : value;
}

/** Spaces and tabs only: `trim` would remove more. */
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
