/**
 * The four steps of a cached database (`copy-entry.ts`) as scripts, each of which Redis runs as one step. The run is
 * the server's own `run_id` and `master_replid`, which a restarted server, a replica that took over, and another node of a Cluster do not
 * share.
 */
import { SessionError } from "../../errors.ts";
import type { CopyStore } from "./cache.ts";
import type { Copy } from "./copy-entry.ts";
import { LONGEST_MS, type Script, toScript } from "./redis-scripts.ts";

const FIND = `
local name, id = KEYS[1], ARGV[1]
local info = redis.pcall("INFO", "server")
if type(info) ~= "string" then return "no info" end
local _, at = string.find(info, "run_id:", 1, true)
if not at then return "no run" end
local run = string.match(info, "%w+", at + 1)
local roles = redis.pcall("INFO", "replication")
local history = type(roles) == "string" and string.match(roles, "master_replid:(%w+)")
if history then run = run .. history end
local entry = redis.call("GET", name)
`;

// ARGV[1] is an id. `others` are the other writers of a mark that still count; `last`, when the last of them ends.
const BEGIN = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local others, count, mine, last = "", 0, false, 0
local kind, home, list
if entry and #entry <= 8192 then kind, home, list = string.match(entry, "^([wx]):([^:]*):([%w_@;]*)$") end
if kind then
  for writer, ends in string.gmatch(list, "([%w_]+)@(%d+);") do
    if ends * 1000 > now then
      if writer == id then
        mine = true
      else
        others, count, last = others .. writer .. "@" .. ends .. ";", count + 1, math.max(last, ends)
      end
    end
  end
end
local claim = "f:" .. run .. ":"
local function put(text, life) redis.call("SET", name, text, "PX", string.format("%.0f", math.max(life, 1))) end
local function copy(epoch, text, life)
  if life == "0" then redis.call("DEL", name)
  else redis.call("SET", name, "c:" .. run .. ":" .. epoch .. ":" .. text, "PX", life) end
end
`;

/**
 * Values: id, milliseconds of a claim, epoch, `end` or nothing. Returns a list with the string, and with `end` how many
 * milliseconds it has left; or "claimed" or "busy".
 */
const READ = toScript(`${FIND}
if entry then
  local head = "c:" .. run .. ":" .. ARGV[3] .. ":"
  if string.sub(entry, 1, #head) == head then
    local text = string.sub(entry, #head + 1)
    if ARGV[4] ~= "end" then return {text} end
    return {text, string.format("%.0f", redis.call("PTTL", name))}
  end
end
${BEGIN}
if mine or count > 0 or (entry and string.sub(entry, 1, #claim) == claim) then return "busy" end
put(claim .. id, tonumber(ARGV[2]))
return "claimed"
`);

/** Values: id, milliseconds of the mark. */
const MARK = toScript(`${FIND}${BEGIN}
if count >= 50 then return "done" end
local form = "w:"
if count > 0 or (kind == "x" and mine) then form = "x:" end
local ends = math.ceil((now + ARGV[2]) / 1000)
put(form .. run .. ":" .. others .. id .. "@" .. ends .. ";", math.max(ends, last) * 1000 - now)
return "done"
`);

/** Values: id, epoch, string, milliseconds (0: no copy). */
const SETTLE = toScript(`${FIND}${BEGIN}
if not entry or (kind and not mine) then return "done" end
if count > 0 then put("x:" .. run .. ":" .. others, last * 1000 - now)
elseif kind == "w" and home == run then copy(ARGV[2], ARGV[3], ARGV[4])
else redis.call("DEL", name) end
return "done"
`);

/** Values: id, epoch, string, milliseconds (0: no copy). */
const FILL = toScript(`${FIND}${BEGIN}
if entry == claim .. id then copy(ARGV[2], ARGV[3], ARGV[4]) end
return "done"
`);

const REFUSALS = new Map([
  ["no info", "Redis does not let this user call INFO (allow it with ACL SETUSER, +info)"],
  ["no run", "This server's INFO names no run_id"],
]);

/** The steps, through a function that runs a script on the server that has `name`. */
export function createRedisCopies(
  run: (script: Script, name: string, ...values: string[]) => Promise<unknown>,
): CopyStore {
  async function ask(script: Script, name: string, ...values: string[]): Promise<unknown> {
    const answer = await run(script, name, ...values);
    const refusal = REFUSALS.get(String(answer));
    if (refusal === undefined) return answer;
    throw new SessionError("engine", `${refusal}, by which copies from before a restart are recognised.`);
  }

  return {
    async read(name, epoch, id, claimMs, wantsEnd = false) {
      const answer = await ask(READ, name, id, toWhole(claimMs), epoch, ...(wantsEnd ? ["end"] : []));
      if (Array.isArray(answer)) {
        const [text, left] = answer;
        return left === undefined ? { text: String(text) } : { text: String(text), leftMs: Number(left) };
      }
      return String(answer) === "claimed" ? "claimed" : "busy";
    },
    async mark(name, id, lifeMs) {
      await ask(MARK, name, id, toWhole(lifeMs));
    },
    async settle(name, id, copy) {
      await ask(SETTLE, name, id, ...toValues(copy));
    },
    async fill(name, id, copy) {
      await ask(FILL, name, id, ...toValues(copy));
    },
  };
}

function toValues(copy: Copy | null): [string, string, string] {
  return copy === null ? ["", "", "0"] : [copy.epoch, copy.text, toWhole(copy.lifeMs)];
}

function toWhole(ms: number): string {
  return ms > 0 ? String(Math.min(Math.ceil(ms), LONGEST_MS)) : "0";
}
