/** A cookie of the inspected tab, as the background passes it to the panel and takes it back. */
import { type EpochMs, finite, flag, oneOf, type Reader, record } from "session-bridge/protocol";
import { anyText, anything, listOf, orAbsent, toParser } from "./message-parser.ts";

/** `SameSite`, in the words of the browser's `cookies` API. */
export type SameSite = "unspecified" | "lax" | "strict" | "no_restriction";

/** The partition that a cookie is in (CHIPS). */
export interface PartitionKey {
  topLevelSite?: string;
  hasCrossSiteAncestor?: boolean;
}

/** What a cookie is recognised as, from its name and value alone. */
export interface Recognised {
  /** `Django`, `Express`, `Rails`, `PHP`, … */
  framework: string;
  /** `session`: a key or a whole session; `csrf`, `auth`: its companions. */
  role: "session" | "auth" | "csrf";
}

/** A cookie that one of the tab's frames can send. */
export interface TabCookie {
  /** Equal for the same cookie over time: store, partition, domain, path and name. */
  id: string;
  name: string;
  value: string;
  domain: string;
  hostOnly: boolean;
  path: string;
  secure: boolean;
  httpOnly: boolean;
  sameSite: SameSite;
  /** Null: the cookie ends when the browser closes. */
  expiresAt: EpochMs | null;
  storeId: string;
  partitionKey: PartitionKey | null;
  recognised: Recognised | null;
  /**
   * The cookies in the browser that this one was joined from, in order. Absent: the browser holds it as it is. No message
   * carries it.
   */
  chunks?: readonly TabCookie[];
}

/** The cookies of a tab, and the origins where it may read none. */
export interface CookieList {
  cookies: TabCookie[];
  /** Hosts of the tab and its frames, the tab's own first. */
  hosts: string[];
  /** Origins among them that the extension may not read. */
  denied: string[];
  /** Frames of the page whose servers are not known, so their cookies are not on the list; absent: none. */
  unknownFrames?: number;
}

/** How a write ended. `restored` says whether the cookie is as it was before. */
export type CookieWriteResult =
  | { ok: true; cookie: TabCookie }
  | { ok: false; reason: string; restored: boolean };

const partition = record<{ topLevelSite: string | null; hasCrossSiteAncestor: boolean | null }>({
  topLevelSite: orAbsent(anyText),
  hasCrossSiteAncestor: orAbsent(flag),
});

/** What a browser leaves out of a partition is left out here too: `cookies.set` does not accept null. */
const partitionKey: Reader<PartitionKey> = (value, place) => {
  const { topLevelSite, hasCrossSiteAncestor } = partition(value, place);
  return {
    ...(topLevelSite !== null && { topLevelSite }),
    ...(hasCrossSiteAncestor !== null && { hasCrossSiteAncestor }),
  };
};

/** Reads one cookie of a message. */
export const readCookie: Reader<TabCookie> = record<Omit<TabCookie, "chunks">>({
  id: anyText,
  name: anyText,
  value: anyText,
  domain: anyText,
  hostOnly: flag,
  path: anyText,
  secure: flag,
  httpOnly: flag,
  sameSite: oneOf("unspecified", "lax", "strict", "no_restriction"),
  expiresAt: orAbsent(finite),
  storeId: anyText,
  partitionKey: orAbsent(partitionKey),
  recognised: orAbsent(record<Recognised>({ framework: anyText, role: oneOf("session", "auth", "csrf") })),
});

const writeResult: Reader<CookieWriteResult> = (value, place) => {
  const result = record<Record<"ok" | "cookie" | "reason" | "restored", unknown>>({
    ok: anything,
    cookie: anything,
    reason: anything,
    restored: anything,
  })(value, place);
  if (result.ok === true) return { ok: true, cookie: readCookie(result.cookie, `${place}.cookie`) };
  return { ok: false, reason: String(result.reason), restored: result.restored === true };
};

/** Checks the background's list of cookies. Throws `MessageError`. */
export const parseCookieList = toParser(
  "cookies",
  record<CookieList>(
    { cookies: listOf(readCookie), hosts: listOf(anyText), denied: listOf(anyText) },
    { unknownFrames: finite },
  ),
);

/** Checks cookies from the background. Throws `MessageError`. */
export const parseCookies = toParser("cookies", listOf(readCookie));

/** Checks the background's report on a write. Throws `MessageError`. */
export const parseWriteResult = toParser("result", writeResult);
