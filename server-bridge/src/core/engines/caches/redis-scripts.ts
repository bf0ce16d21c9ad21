/**
 * Scripts that Redis runs as one step, each with the name under which the server caches it. All take the key and then
 * the values.
 */
import { createHash } from "node:crypto";

export interface Script {
  text: string;
  sha: string;
}

/** A script with the name under which the server caches it. */
export function toScript(text: string): Script {
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}

/** A century: as many milliseconds as Redis can count without overflow, and longer than any session. */
export const LONGEST_MS = 100 * 366 * 86_400_000;

/** Values: string, milliseconds (0: keep nothing), `add` or `set`. Returns 0 if `add` found an entry. */
export const PUT = toScript(`
if ARGV[3] == "add" and redis.call("EXISTS", KEYS[1]) == 1 then return 0 end
if ARGV[2] == "0" then redis.call("DEL", KEYS[1]) else redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2]) end
return 1
`);

/**
 * Values: string, milliseconds (0: keep nothing), `any` or `exactly`, the expected string. Returns 0 gone, 1 conflict,
 * 2 saved.
 */
export const SWAP = toScript(`
local now = redis.call("GET", KEYS[1])
if not now then return 0 end
if ARGV[3] == "exactly" and now ~= ARGV[4] then return 1 end
if ARGV[2] == "0" then redis.call("DEL", KEYS[1]) else redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2]) end
return 2
`);

/** Returns the string and the milliseconds until it expires (negative: it does not), or nothing. */
export const INSPECT = toScript(`
local now = redis.call("GET", KEYS[1])
if not now then return false end
return {now, string.format("%.0f", redis.call("PTTL", KEYS[1]))}
`);

/** No values. Calls what the others call, on an entry that nothing else uses. */
export const TRY = toScript(`
for _, command in ipairs({"EXISTS", "GET", "PTTL"}) do redis.call(command, KEYS[1]) end
redis.call("SET", KEYS[1], "", "PX", "1")
redis.call("DEL", KEYS[1])
return 1
`);
