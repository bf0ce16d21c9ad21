/**
 * Rewrites the names and scalars of a JSON string one by one, in one pass. It creates no values, so numbers keep their
 * spelling.
 */

/**
 * The string with each string, number and word, names included, replaced by the result of `map` for its spelling.
 * `start` is its position. Only for strings that are known to be JSON.
 *
 * @param between maps what is between two of them: brackets, commas, colons, white space. Absent: it stays
 */
export function mapScalars(
  json: string,
  map: (token: string, start: number) => string,
  between: (piece: string) => string = (piece) => piece,
): string {
  const parts: string[] = [];
  for (let at = 0; at < json.length; ) {
    const end = endOfToken(json, at);
    const piece = json.slice(at, end);
    parts.push(isBetween(json.charCodeAt(at)) ? between(piece) : map(piece, at));
    at = end;
  }
  return parts.join("");
}

/** Where the token that begins at `at` ends, or the part between two tokens. */
function endOfToken(json: string, at: number): number {
  if (json[at] === '"') return endOfString(json, at);
  const between = isBetween(json.charCodeAt(at));
  let end = at + 1;
  while (end < json.length && json[end] !== '"' && isBetween(json.charCodeAt(end)) === between) end += 1;
  return end;
}

function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at += 1) {
    if (json[at] === "\\") at += 1;
    else if (json[at] === '"') return at + 1;
  }
  return json.length;
}

/** White space, and `{ } [ ] , :`. */
function isBetween(code: number): boolean {
  switch (code) {
    case 0x2c: // ,
    case 0x3a: // :
    case 0x5b: // [
    case 0x5d: // ]
    case 0x7b: // {
    case 0x7d: // }
      return true;
    default:
      return code <= 0x20;
  }
}
