/** Cookies as JSON, in the shape that cookie editors share; nothing is lost. */
import { mapSlices, type Sliced } from "../slices.ts";
import { parseText } from "./parse-text.ts";
import {
  type Imported,
  type PortableCookie,
  quoteName,
  sortImported,
  toPartitionKey,
  toSameSite,
} from "./portable.ts";

/** An array of cookies, indented by two spaces. `expirationDate` is in seconds with fractions, as the browsers report it. */
export function toJson(cookies: readonly PortableCookie[]): string {
  return JSON.stringify(cookies.map(toRecord), null, 2);
}

/** Reads such an array (or a single cookie). Members that are not cookies become problems, never an exception. */
export function* parseJson(text: string): Sliced<Imported> {
  const parsed = parseText(text);
  if ("problem" in parsed) return { cookies: [], problems: [parsed.problem] };
  const list: unknown[] = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  const read = yield* mapSlices(list, (item, index) => {
    const cookie = readRecord(item);
    return typeof cookie === "string" ? `Cookie ${index + 1}: ${cookie}` : cookie;
  });
  return sortImported(read);
}

function toRecord(cookie: PortableCookie) {
  return {
    domain: cookie.domain,
    ...(cookie.expiresAt === null ? {} : { expirationDate: cookie.expiresAt / 1000 }),
    hostOnly: cookie.hostOnly,
    httpOnly: cookie.httpOnly,
    name: cookie.name,
    ...(cookie.partitionKey ? { partitionKey: cookie.partitionKey } : {}),
    path: cookie.path,
    sameSite: cookie.sameSite,
    secure: cookie.secure,
    session: cookie.expiresAt === null,
    value: cookie.value,
  };
}

function readRecord(item: unknown): PortableCookie | string {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return "is not an object.";
  const found: Record<string, unknown> = { ...item };
  const { name, value, domain, path, expirationDate } = found;
  if (typeof name !== "string" || typeof value !== "string") return "needs a name and a value, both strings.";
  if (typeof domain !== "string" || domain === "") return `${quoteName(name)} needs a domain.`;
  return {
    name,
    value,
    domain,
    hostOnly: typeof found["hostOnly"] === "boolean" ? found["hostOnly"] : !domain.startsWith("."),
    path: typeof path === "string" && path.startsWith("/") ? path : "/",
    secure: found["secure"] === true,
    httpOnly: found["httpOnly"] === true,
    sameSite: toSameSite(found["sameSite"]),
    expiresAt: typeof expirationDate === "number" ? Math.round(expirationDate * 1000 * 1000) / 1000 : null,
    partitionKey: toPartitionKey(found["partitionKey"]),
  };
}
