/**
 * The steps of the index of users in Redis (`redis-users.ts`) as scripts, each of which Redis runs as one step on one
 * hash, so that they work in a Cluster.
 *
 * A user's hash has a field for each session, named by its key: `generation:created:seen`, times in milliseconds since
 * 1970, empty if unknown. The field without a name has the user's generation, once all sessions were ended.
 */
import { toScript } from "./redis-scripts.ts";

// The hash outlives the session that is about to be stored, and a login that is under way, by at least an hour. It is
// prolonged by two, so that a session which is saved each second prolongs it only once an hour.
const HASH = `
local name = KEYS[1]
local function generation() return redis.call("HGET", name, "") or "0" end
local function prolong(life)
  local ends = tonumber(life) + 7200000
  if redis.call("PTTL", name) < ends - 3600000 then
    redis.call("PEXPIRE", name, string.format("%.0f", ends))
  end
end
`;

/**
 * Values: key, the key that it is moved from (empty: none), now, milliseconds of life. Returns the generation, and up to
 * four other entries that are older than an hour, with their values; nothing if the old entry's generation is over.
 */
export const ENTER = toScript(`${HASH}
local key, from, now = ARGV[1], ARGV[2], ARGV[3]
local current, created = generation(), now
local old = from ~= "" and redis.call("HGET", name, from)
if old then
  local began, since = string.match(old, "^(%d+):(%d*):")
  if tonumber(began) < tonumber(current) then return {} end
  created = since
end
redis.call("HSET", name, key, current .. ":" .. created .. ":" .. now)
prolong(ARGV[4])
local answer = {current}
local some = redis.pcall("HRANDFIELD", name, "4", "WITHVALUES")
if some.err then
  -- a server without this command keeps dead entries until reindex(), or until the hash ends
  if not string.find(string.lower(some.err), "unknown", 1, true) then return some end
  some = {}
end
for at = 1, #some, 2 do
  local since, seen = string.match(some[at + 1], "^%d+:(%d*):(%d*)$")
  local last = since and math.max(tonumber(since) or 0, tonumber(seen) or 0)
  if last and some[at] ~= key and last < now - 3600000 then
    answer[#answer + 1], answer[#answer + 2] = some[at], some[at + 1]
  end
end
return answer
`);

/** Values: key, now, milliseconds of life, milliseconds for which the time of an entry counts as new. */
export const TOUCH = toScript(`${HASH}
local key, now = ARGV[1], ARGV[2]
local old = redis.call("HGET", name, key)
if not old then
  redis.call("HSET", name, key, generation() .. "::" .. now)
else
  local head, seen = string.match(old, "^(%d+:%d*:)(%d*)$")
  if seen == "" or now - seen >= tonumber(ARGV[4]) then redis.call("HSET", name, key, head .. now) end
end
prolong(ARGV[3])
return 1
`);

/** Values: key, milliseconds of life. Returns 0 if there is an entry. */
export const ADD = toScript(`${HASH}
local isNew = redis.call("HEXISTS", name, ARGV[1]) == 0
if isNew then redis.call("HSET", name, ARGV[1], generation() .. "::") end
prolong(ARGV[2])
return isNew and 1 or 0
`);

/** No values. Returns the generation. */
export const GENERATION = toScript(`${HASH}
return generation()
`);

/** Values: the key whose entry gets the new generation, too (empty: none). */
export const RAISE = toScript(`${HASH}
local current = redis.call("HINCRBY", name, "", "1")
local kept = ARGV[1] ~= "" and redis.call("HGET", name, ARGV[1])
if kept and tonumber(string.match(kept, "^%d+")) >= current - 1 then
  redis.call("HSET", name, ARGV[1], string.format("%.0f", current) .. string.match(kept, "^%d+(:.*)$"))
end
prolong("0")
return 1
`);

/** Values: keys. */
export const REMOVE = toScript(`
return redis.call("HDEL", KEYS[1], unpack(ARGV))
`);

/** Values: a key and the value that its entry must have, for each entry. Returns how many were removed. */
export const REMOVE_UNCHANGED = toScript(`
local removed = 0
for at = 1, #ARGV, 2 do
  if redis.call("HGET", KEYS[1], ARGV[at]) == ARGV[at + 1] then
    removed = removed + redis.call("HDEL", KEYS[1], ARGV[at])
  end
end
return removed
`);

/** Values: cursor, about how many. Returns the next cursor, the generation, and fields with their values. */
export const PAGE = toScript(`${HASH}
local found = redis.call("HSCAN", name, ARGV[1], "COUNT", ARGV[2])
return {found[1], generation(), found[2]}
`);

/** Values: cursor, pattern, about how many. Has no key: it is run on each master. Returns the next cursor and the names. */
export const NAMES = toScript(`
return redis.call("SCAN", ARGV[1], "MATCH", ARGV[2], "COUNT", ARGV[3])
`);

/** No key and no values: it is run on each master of a Cluster. Returns its slots as it sees them, and all that are served. */
export const SLOTS = toScript(`
local own = string.match(redis.call("CLUSTER", "NODES"), "[^\\n]*myself[^\\n]*")
local served = string.match(redis.call("CLUSTER", "INFO"), "cluster_slots_assigned:(%d+)")
return {string.match(own, "^%x+"), string.match(own, "connected%s*(.*)$"), served}
`);

/** No key and no values: it is run on each master. Returns what tells this run of the server, and how much it has evicted. */
export const RUN = toScript(`
local run = string.match(redis.call("INFO", "server"), "run_id:(%w+)") or ""
return run .. " " .. (string.match(redis.call("INFO", "stats"), "evicted_keys:(%d+)") or "")
`);

/** No values. Calls what the others call, on a hash that nothing else uses. */
export const TRY_USERS = toScript(`
redis.call("HSET", KEYS[1], "a", "1")
redis.call("HINCRBY", KEYS[1], "a", "1")
redis.call("HGET", KEYS[1], "a")
redis.call("HEXISTS", KEYS[1], "a")
redis.call("HSCAN", KEYS[1], "0", "COUNT", "1")
redis.call("PTTL", KEYS[1])
redis.call("PEXPIRE", KEYS[1], "1000")
local some = redis.pcall("HRANDFIELD", KEYS[1], "1", "WITHVALUES")
redis.call("HDEL", KEYS[1], "a")
redis.call("SCAN", "0", "COUNT", "1")
redis.call("INFO", "stats")
if some.err and not string.find(string.lower(some.err), "unknown", 1, true) then return some end
return 1
`);
