/**
 * The bridge's source for a Django site with any engine: the store is read and written by Django itself, in the process of
 * `manage.py session_bridge`, and the site's own processes report their requests over the channel.
 */

import { SessionError } from "../../core/errors.ts";
import type { Reader } from "../../protocol/fields.ts";
import type { Proof, ProvenKey, Source, StoredView, WriteResult } from "../source.ts";
import type { Channel } from "./channel.ts";
import {
  type CommandSite,
  parseProved,
  parseRead,
  parseStored,
  parseWritten,
  toSentView,
} from "./command-lines.ts";
import type { CommandPipe } from "./command-pipe.ts";
import { sayMalformed } from "./json-lines.ts";

/** Django's own form of a key, and those of sites that draw their own. The store is asked for nothing else. */
const KEY = /^[A-Za-z0-9_-]{8,128}$/;
/** A browser keeps no longer cookie, so no session is in one. */
const MAX_COOKIE = 8_192;

/** Asks the command, and parses what it answers. */
type Ask = <T>(name: string, given: Readonly<Record<string, unknown>>, parse: Reader<T>) => Promise<T>;

/** A source that asks Django through the command. */
export function commandSource(pipe: CommandPipe, { receive }: Pick<Channel, "receive">): Source {
  const { site } = pipe;
  const ask: Ask = async (name, given, parse) => {
    const answer = await pipe.call(name, given);
    try {
      return parse(answer, name);
    } catch (error) {
      throw new SessionError("engine", `${sayMalformed(error)}: ${MISFIT}`);
    }
  };
  return {
    library: { name: "Django", version: site.version },
    engine: site.engine,
    cookieNames: [site.cookieName],
    proof: proofOf(site, ask),
    cookiesRepeat: site.carried, // one string for all sessions in the same state in the same second
    capabilities: site.capabilities,
    serves: site.serves,
    secret: site.secret,
    receive,
    async read(key) {
      const result = await ask("read", { key }, parseRead);
      if (result.found) refuseOther(key, result.view);
      return result;
    },
    ...writesOf(site, ask),
  };
}

const MISFIT =
  "manage.py session_bridge gave another answer than was expected. Install versions of session-bridge and django-session-bridge that were published together.";

/** A stored session's key has no signature: that it is stored is the proof. A cookie that carries its session is signed. */
function proofOf({ carried }: CommandSite, ask: Ask): Proof {
  if (carried) {
    return {
      by: "signature",
      async keyOf(cookie) {
        if (cookie.length > MAX_COOKIE) return null;
        const { key } = await ask("prove", { cookie }, parseProved);
        return key === cookie ? key : null;
      },
    };
  }
  return {
    by: "row",
    keyOf: (cookie) => (KEY.test(cookie) ? cookie : null),
    isStored: async (key) => (await ask("stored", { key }, parseStored)).stored,
  };
}

type Writes = Pick<Source, "replace" | "changeExpiry" | "cycle" | "flush" | "restore">;

/** The calls that the engine allows. */
function writesOf({ capabilities }: CommandSite, ask: Ask): Writes {
  const write = async (
    name: string,
    given: { key: ProvenKey; ifStored: string } & Record<string, unknown>,
  ): Promise<WriteResult> => {
    const result = await ask(name, given, parseWritten);
    const seen = seenIn(result);
    if (seen !== null) refuseOther(given.key, seen);
    return result;
  };
  const all: Required<Writes> = {
    replace: (key, json, ifStored) => write("replace", { key, json, ifStored }),
    changeExpiry: (key, change, ifStored) => write("expiry", { key, change, ifStored }),
    cycle: (key, ifStored) => write("cycle", { key, ifStored }),
    flush: (key, ifStored) => write("flush", { key, ifStored }),
    restore: (copy, replaces, ifStored) =>
      ask(
        "restore",
        { copy: toSentView(copy), replaces, ...(ifStored === undefined ? {} : { ifStored }) },
        parseWritten,
      ),
  };
  return {
    ...(capabilities.includes("edit") ? { replace: all.replace } : {}),
    ...(capabilities.includes("expiry") ? { changeExpiry: all.changeExpiry } : {}),
    ...(capabilities.includes("cycle") ? { cycle: all.cycle } : {}),
    ...(capabilities.includes("flush") ? { flush: all.flush } : {}),
    ...(capabilities.includes("restore") ? { restore: all.restore } : {}),
  };
}

/** The session that the caller will be shown as the one that was there. */
function seenIn(result: WriteResult): StoredView | null {
  if (result.ok) return result.before;
  return result.reason === "conflict" ? result.now : null;
}

/** Nothing but the session of the proven key may leave. */
function refuseOther(key: ProvenKey, view: StoredView): void {
  if (view.key !== key) throw new SessionError("engine", `${MISFIT_KEY}: ${MISFIT}`);
}
const MISFIT_KEY = "the session of another key was sent";
