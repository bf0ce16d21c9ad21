/**
 * Session cookies that a library splits into NAME.0, NAME.1 and so on when they are too long for one. Joined here as the
 * bridge joins them, which says how its library reads NAME next to NAME.0.
 */
import { endOfSetCookie, type Joining, parseSetCookie } from "session-bridge/protocol";
import type { NetworkRequest } from "../messages/network-request.ts";
import type { TabCookie } from "../messages/tab-cookie.ts";

/** Node accepts no longer header than 16 KB, so that no browser can send more than five whole chunks to it. */
const MOST_SENT = 5;

/** Characters that any browser keeps in one cookie, whatever its name: the shortest full chunk of a library has 3,180. */
const SURE_TO_FIT = 3000;

/** What a bridge says about the names of its session cookies. */
interface NamedCookies {
  cookieNames: readonly string[];
  chunked?: Joining;
}

/** Names of cookies that may be split, and how the library of each joins it. */
export type SplitNames = ReadonlyMap<string, Joining>;

/** The place of a cookie NAME among its parts: before NAME.0. */
const WHOLE = -1;

/** A line of a response for NAME or for one of its chunks. */
interface PartLine {
  at: number;
  /** Empty for a deletion. */
  value: string;
  /** Everything after the value, with its semicolon. */
  attributes: string;
}

/** The names under which the browser may hold this bridge's session: those of its cookies, and of their chunks. */
export function namesInBrowser({ cookieNames, chunked }: NamedCookies): string[] {
  if (chunked === undefined) return [...cookieNames];
  const chunks = Array.from({ length: MOST_SENT }, (_, at) => at);
  return cookieNames.flatMap((name) => [name, ...chunks.map((at) => chunkName(name, at))]);
}

/** The names of a bridge's cookies that may be split; none if it does not split them. */
export function splitNames({ cookieNames, chunked }: NamedCookies): SplitNames {
  return new Map(chunked === undefined ? [] : cookieNames.map((name) => [name, chunked]));
}

/** The name of one chunk. */
function chunkName(name: string, at: number): string {
  return `${name}.${at}`;
}

/** Which chunk of `base` a cookie is by its name; null if it is none. */
function chunkAt(name: string, base: string): number | null {
  const digits = name.startsWith(`${base}.`) ? name.slice(base.length + 1) : "";
  return /^(?:0|[1-9]\d?)$/.test(digits) ? Number(digits) : null;
}

/** The name without the chunk's number, if it is that of a chunk of one of these cookies. */
export function wholeName(name: string, names: SplitNames): string {
  for (const base of names.keys()) if (chunkAt(name, base) !== null) return base;
  return name;
}

/**
 * The cookies with the parts of each of `names` joined to one cookie, at the place of the first part and with its id.
 *
 * What its library does not read stays as it is: for `whole`, chunks after a gap, and chunks next to a whole cookie.
 */
export function joinCookies(cookies: readonly TabCookie[], names: SplitNames): TabCookie[] {
  let joined = [...cookies];
  for (const [base, joining] of names) joined = joinNamed(joined, base, joining);
  return joined;
}

/** The cookies in the browser that this one was joined from; itself if it was not joined. */
export function chunksOf(cookie: TabCookie): readonly TabCookie[] {
  return cookie.chunks ?? [cookie];
}

/** These chunks as one cookie, which ends with the first of them. */
export function toWhole(base: string, chunks: readonly TabCookie[]): TabCookie | null {
  const [first] = chunks;
  if (first === undefined) return null;
  const ends = chunks.flatMap(({ expiresAt }) => expiresAt ?? []);
  return {
    ...first,
    name: base,
    value: chunks.map(({ value }) => value).join(""),
    expiresAt: ends.length === 0 ? null : Math.min(...ends),
    chunks,
  };
}

/**
 * The cookies that the browser has to hold so that they are this one when joined, each part under its own name. A value that
 * has changed is cut at the length of the longest part, unless parts that short would be more than a browser can send.
 */
export function splitWhole(cookie: TabCookie): TabCookie[] {
  const { chunks, ...whole } = cookie;
  const [first, last] = [chunks?.[0], chunks?.at(-1)];
  if (chunks === undefined || first === undefined || last === undefined) return [whole];
  const base = last.name.replace(/\.\d+$/, ""); // the cookie itself may have been renamed
  const next = (chunkAt(last.name, base) ?? WHOLE) + 1;
  const isSame = chunks.map(({ value }) => value).join("") === whole.value;
  const values = isSame ? chunks.map(({ value }) => value) : cut(whole.value, chunks);
  return values.map((value, at) => {
    const part = chunks[at];
    const name = part
      ? whole.name + part.name.slice(base.length)
      : chunkName(whole.name, next + at - chunks.length);
    return { ...whole, id: part?.id ?? `${first.id} ${name}`, name, value };
  });
}

/**
 * The request, whose response also sets the whole cookie where it sets its chunks: one line with their joined value and the
 * first part's attributes. Deleted if the response deletes chunks and sets none.
 */
export function joinSetCookies(request: NetworkRequest, names: SplitNames): NetworkRequest {
  if (request.setCookies.length === 0) return request;
  const setCookies = [...names].reduce<readonly string[]>(
    (lines, [base, joining]) => joinLines(request, lines, base, joining),
    request.setCookies,
  );
  return setCookies === request.setCookies ? request : { ...request, setCookies: [...setCookies] };
}

function joinNamed(cookies: TabCookie[], base: string, joining: Joining): TabCookie[] {
  const places = new Map<string, Map<number, TabCookie>>();
  for (const cookie of cookies) {
    const at = partAt(cookie.name, base);
    if (at === null || cookie.value === "") continue;
    const place = placeOf(cookie);
    places.set(place, (places.get(place) ?? new Map<number, TabCookie>()).set(at, cookie));
  }
  let joined = cookies;
  for (const held of places.values()) {
    const chunks = partsRead(held, joining);
    const whole = toWhole(base, chunks);
    if (whole === null || chunks.every(({ name }) => name === base)) continue;
    const rest = new Set(chunks.slice(1));
    joined = joined.flatMap((each) => (each === chunks[0] ? [whole] : rest.has(each) ? [] : [each]));
  }
  return joined;
}

function partAt(name: string, base: string): number | null {
  return name === base ? WHOLE : chunkAt(name, base);
}

/** What the library joins of the parts that are there, in its order. */
function partsRead<Part>(parts: ReadonlyMap<number, Part>, joining: Joining): Part[] {
  if (joining === "all") return inOrder(parts);
  const whole = parts.get(WHOLE);
  if (whole !== undefined) return [whole];
  const gap = Array.from(parts, (_, at) => at).find((at) => !parts.has(at)) ?? parts.size;
  return inOrder(parts).slice(0, gap);
}

function inOrder<Part>(parts: ReadonlyMap<number, Part>): Part[] {
  return [...parts].sort(([one], [other]) => one - other).map(([, part]) => part);
}

/** Equal for cookies that a request carries together. */
function placeOf({ storeId, partitionKey, domain, hostOnly, path }: TabCookie): string {
  return JSON.stringify([storeId, partitionKey, domain, hostOnly, path]);
}

function cut(value: string, chunks: readonly TabCookie[]): string[] {
  const longest = Math.max(...chunks.map((chunk) => chunk.value.length));
  const size = value.length > longest * MOST_SENT ? Math.max(longest, SURE_TO_FIT) : longest;
  const count = Math.max(1, Math.ceil(value.length / size));
  return Array.from({ length: count }, (_, at) => value.slice(at * size, (at + 1) * size));
}

function joinLines(
  request: NetworkRequest,
  lines: readonly string[],
  base: string,
  joining: Joining,
): readonly string[] {
  const parts = new Map<number, PartLine>();
  for (const line of lines) {
    const part = readPartLine(request, line, base);
    if (part !== null) parts.set(part.at, part);
  }
  if ([...parts.keys()].every((at) => at === WHOLE)) return lines;
  const set = new Map([...parts].filter(([, { value }]) => value !== ""));
  // Chunks that are set without the first are no new whole.
  if (set.size > 0 && !set.has(0) && !set.has(WHOLE)) return lines;
  const read = partsRead(set, joining);
  const [first] = [...read, ...inOrder(parts)];
  const isWholeSet = read.length > 0 && read.every(({ at }) => at === WHOLE);
  if (first === undefined || isWholeSet) return lines;
  const others = lines.filter((line) => nameOf(line) !== base);
  return [...others, `${base}=${read.map(({ value }) => value).join("")}${first.attributes}`];
}

function readPartLine(request: NetworkRequest, line: string, base: string): PartLine | null {
  const at = partAt(nameOf(line), base);
  if (at === null) return null;
  const semicolon = line.indexOf(";");
  const attributes = semicolon === -1 ? "" : line.slice(semicolon);
  const value = setsValue(request, line, nameOf(line)) ?? "";
  return { at, value, attributes };
}

/** The value that a line sets for this cookie; null if it is about another, deletes it or sets nothing. */
function setsValue({ at, cookieClock }: NetworkRequest, line: string, name: string): string | null {
  if (nameOf(line) !== name) return null;
  const cookie = parseSetCookie(line, cookieClock ?? null);
  if (cookie === null || cookie.value === "") return null;
  const end = endOfSetCookie(cookie, at);
  return end !== null && end <= at ? null : cookie.value;
}

function nameOf(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf("="))).trim();
}
