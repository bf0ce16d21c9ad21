/** What a Redis user may not do that sessions need, and what to do about it. */
import { messageOf } from "../../errors.ts";

/** `NOPERM User app has no permissions to run the 'evalsha' command`, and the same in Redis 6. */
const NOT_ALLOWED = / the '([a-z]{1,20})' command/;
/** A command that is switched off, by `rename-command` or in a proxy: ``ERR unknown command 'EVALSHA', with args …``. */
const UNKNOWN = /^ERR unknown command ['`"]?([a-z]{1,20})\b/i;
/** A script that may run, but not call what it needs. */
const IN_SCRIPT = /The user executing the script can't run this command|ACL failure in script/;

/** A name outside those that the user may use. */
const OTHER_NAME = /no permissions to access (?:one of the keys|a key)/i;

/** What some calls need of Redis, and whether they have it. */
export interface Needs {
  /** What their scripts call. */
  readonly commands: string;
  /** What they are for. */
  readonly what: string;
  /** What the names begin with that the user must be allowed, next to those of the sessions. Absent: none. */
  start?: string;
  /**
   * What the user of this connection may not do, and the entry of which that was said; null: scripts work. Undefined: no
   * script has run yet.
   */
  refusal: { readonly reason: string; readonly name: string } | null | undefined;
}

/** What sessions need. */
export function sessionNeeds(): Needs {
  return { commands: "get set del exists pttl", what: "sessions", refusal: undefined };
}

/** What the index of users needs in addition. */
export function indexNeeds(): Needs {
  const commands =
    "hget hset hdel hexists hincrby hscan hrandfield pttl pexpire scan info cluster|nodes cluster|info";
  return { commands, what: "the sessions of a user (the setting users)", refusal: null };
}

/** One sentence for the operator; null if the error is another one. It repeats no keys and no values. */
export function readRefusal(error: unknown, needs: Needs = sessionNeeds()): string | null {
  const message = messageOf(error);
  if (needs.start !== undefined && OTHER_NAME.test(message)) {
    return `Redis does not let this user use the names that ${needs.what} have there. Allow them: ACL SETUSER <user> "~${needs.start}*".`;
  }
  if (IN_SCRIPT.test(message)) {
    return `Redis does not let this user's scripts call the commands that ${needs.what} need. Allow them: ${allow(needs.commands)}.`;
  }
  const named = message.startsWith("NOPERM ") ? NOT_ALLOWED.exec(message) : UNKNOWN.exec(message);
  const command = named?.[1]?.toLowerCase();
  if (command === undefined) return null;
  if (command !== "eval" && command !== "evalsha") {
    return `Redis does not let this user call ${command.toUpperCase()}, which sessions need. Allow it: ${allow(command)}.`;
  }
  return `Redis does not let this user run scripts (${command.toUpperCase()}), by which each session is stored. Allow them: ${allow("eval evalsha")}. If this server has no scripts, store sessions in a database.`;
}

function allow(commands: string): string {
  return `ACL SETUSER <user> +${commands.replaceAll(" ", " +")}`;
}
