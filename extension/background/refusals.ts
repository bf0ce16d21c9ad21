/**
 * Why a browser will not keep a cookie as requested: the rules of RFC 6265bis as one table, in words.
 *
 * Checked before a write, so that a refusal has a reason; browsers differ in how many they enforce themselves.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { TabCookie } from "../messages/tab-cookie.ts";

/** RFC 6265bis §5.6: name and value together. */
const MAX_PAIR_BYTES = 4096;

interface Rule {
  broken: (cookie: TabCookie, now: EpochMs) => boolean;
  reason: string;
}

const RULES: readonly Rule[] = [
  {
    broken: ({ expiresAt }, now) => expiresAt !== null && expiresAt <= now,
    reason: "The expiry is in the past, which would delete the cookie. Delete it, or choose a later date.",
  },
  {
    broken: ({ name, value }) => /[;\p{Cc}]/u.test(name.replaceAll("\t", "") + value.replaceAll("\t", "")),
    reason: "Name and value cannot hold a semicolon or a control character. Encode the value first.",
  },
  {
    broken: ({ name }) => name.includes("="),
    reason: 'The name cannot hold "=": everything after it would be read as the value. Leave it out.',
  },
  {
    broken: ({ name, value }) => name === "" && (value === "" || value.includes("=")),
    reason: 'A cookie without a name needs a value without "=". Give it a name.',
  },
  {
    broken: ({ name, value }) => new TextEncoder().encode(name + value).length > MAX_PAIR_BYTES,
    reason: `Name and value together are over ${MAX_PAIR_BYTES} bytes. Store less in it.`,
  },
  {
    broken: ({ path }) => !path.startsWith("/") || /[;\p{Cc}]/u.test(path),
    reason: 'The path must begin with "/" and hold no semicolon.',
  },
  {
    broken: ({ sameSite, secure }) => sameSite === "no_restriction" && !secure,
    reason: "SameSite=None needs Secure. Turn Secure on, or choose Lax.",
  },
  {
    broken: ({ name, secure }) => /^__(?:Secure|Host)-/i.test(name) && !secure,
    reason: "A name that begins with __Secure- or __Host- needs Secure. Turn Secure on, or rename it.",
  },
  {
    broken: ({ name, hostOnly, path }) => /^__Host-/i.test(name) && (!hostOnly || path !== "/"),
    reason: 'A name that begins with __Host- needs the path "/" and no Domain. Change those, or rename it.',
  },
  {
    broken: ({ partitionKey }) => !isSite(partitionKey?.topLevelSite ?? ""),
    reason: "The partition's site is not valid. Write only its scheme and host, like https://shop.example.",
  },
  {
    broken: ({ partitionKey, secure }) =>
      partitionKey?.topLevelSite?.startsWith("https:") === true && !secure,
    reason: "A partitioned cookie needs Secure. Turn Secure on.",
  },
];

/** True for `https://shop.example` and the like, and if there is no site: that is no partition. */
function isSite(site: string): boolean {
  return site === "" || (/^https?:\/\/[^/?#@\s\\]+$/i.test(site) && URL.canParse(site));
}

/** The first rule that this cookie breaks, as a sentence with its remedy; null if a browser should accept it. */
export function findRefusal(cookie: TabCookie, now: EpochMs): string | null {
  return RULES.find((rule) => rule.broken(cookie, now))?.reason ?? null;
}
