/**
 * Cookies as Playwright's `storageState`, so that a test starts logged in as this tab is.
 *
 * `expires` is in seconds, -1 for cookies that end when the browser closes; an unspecified SameSite is left out, which Playwright
 * reads as the browser's default; the partition is its top-level site and Chromium's ancestor bit.
 */
import { mapSlices, type Sliced } from "../slices.ts";
import { parseText } from "./parse-text.ts";
import { type Imported, type PortableCookie, sortImported, toSameSite } from "./portable.ts";

const SAME_SITE = { lax: "Lax", strict: "Strict", no_restriction: "None", unspecified: undefined } as const;

/** `{ cookies, origins: [] }` as JSON text. */
export function toStorageState(cookies: readonly PortableCookie[]): string {
  return JSON.stringify({ cookies: cookies.map(toRecord), origins: [] }, null, 2);
}

/** Reads the `cookies` of a storage state; reports that `origins` (localStorage) are ignored. */
export function* parseStorageState(text: string): Sliced<Imported> {
  const result = parseText(text);
  if ("problem" in result) return { cookies: [], problems: [result.problem] };
  const parsed = result.value;
  const state: Record<string, unknown> = typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  const list: unknown = state["cookies"];
  if (!Array.isArray(list))
    return { cookies: [], problems: ["A storage state needs a list named “cookies”."] };
  const read = yield* mapSlices(
    list,
    (item, index) => readRecord(item) ?? `Cookie ${index + 1} needs a name, a value and a domain.`,
  );
  const { cookies, problems } = sortImported(read);
  if (Array.isArray(state["origins"]) && state["origins"].length > 0) {
    problems.push("The storage state's localStorage was ignored: only cookies are imported.");
  }
  return { cookies, problems };
}

function toRecord(cookie: PortableCookie) {
  const sameSite = SAME_SITE[cookie.sameSite];
  const partition = cookie.partitionKey;
  return {
    name: cookie.name,
    value: cookie.value,
    domain: cookie.hostOnly ? cookie.domain.replace(/^\./, "") : `.${cookie.domain.replace(/^\./, "")}`,
    path: cookie.path,
    expires: cookie.expiresAt === null ? -1 : cookie.expiresAt / 1000,
    httpOnly: cookie.httpOnly,
    secure: cookie.secure,
    ...(sameSite ? { sameSite } : {}),
    ...(partition?.topLevelSite ? { partitionKey: partition.topLevelSite } : {}),
    ...(partition?.hasCrossSiteAncestor === undefined
      ? {}
      : { _crHasCrossSiteAncestor: partition.hasCrossSiteAncestor }),
  };
}

function readRecord(item: unknown): PortableCookie | null {
  const found: Record<string, unknown> = typeof item === "object" && item !== null ? { ...item } : {};
  const { name, value, domain, path, expires, partitionKey, _crHasCrossSiteAncestor: ancestor } = found;
  if (typeof name !== "string" || typeof value !== "string" || typeof domain !== "string") return null;
  return {
    name,
    value,
    domain,
    hostOnly: !domain.startsWith("."),
    path: typeof path === "string" ? path : "/",
    secure: found["secure"] === true,
    httpOnly: found["httpOnly"] === true,
    sameSite: toSameSite(found["sameSite"]),
    expiresAt: typeof expires === "number" && expires >= 0 ? Math.round(expires * 1_000_000) / 1000 : null,
    partitionKey:
      typeof partitionKey === "string"
        ? {
            topLevelSite: partitionKey,
            ...(typeof ancestor === "boolean" ? { hasCrossSiteAncestor: ancestor } : {}),
          }
        : null,
  };
}
