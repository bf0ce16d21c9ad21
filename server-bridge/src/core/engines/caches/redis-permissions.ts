/** What a Redis user may not do that sessions need, and what to do about it. */
import { messageOf } from "../../errors.ts";

/** `NOPERM User app has no permissions to run the 'evalsha' command`, and the same in Redis 6. */
const NOT_ALLOWED = / the '([a-z]{1,20})' command/;
/** A command that is switched off, by `rename-command` or in a proxy: ``ERR unknown command 'EVALSHA', with args …``. */
const UNKNOWN = /^ERR unknown command ['`"]?([a-z]{1,20})\b/i;
/** A script that may run, but not call what it needs. */
const IN_SCRIPT = /The user executing the script can't run this command|ACL failure in script/;

/** One sentence for the operator; null if the error is another one. It repeats no keys and no values. */
export function readRefusal(error: unknown): string | null {
  const message = messageOf(error);
  if (IN_SCRIPT.test(message)) {
    return `Redis does not let this user's scripts call the commands that sessions need. Allow them: ${allow("get set del exists pttl")}.`;
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
