/**
 * Redis's error answers about the trace log, and what to do about each. An answer is not an outage: the server is there,
 * and says no.
 */
import { codeOf, messageOf } from "../../core/errors.ts";

/** What to do, by the word with which Redis begins its error. `KEYS` stands for the names of the log's keys. */
const STEPS: Readonly<Record<string, string>> = {
  NOAUTH: "Put user and password into the address: redis://user:password@host:6379.",
  WRONGPASS: "Correct user and password in the address.",
  NOPERM:
    "Allow its user EVAL, XADD, XRANGE, XREAD, INCR, GET, SET, PEXPIRE and TIME (ACL SETUSER) for the keys KEYS.",
  WRONGTYPE: "Something else is stored under the keys KEYS. Delete it, or pass another name.",
  OOM: "Its memory is full. Raise maxmemory, or delete something.",
  READONLY: "This server is a replica. Pass the address of its master.",
  CROSSSLOT: "The log's two keys are not in one slot. Pass a name without braces.",
  MOVED:
    "This server belongs to a Cluster. Pass a list of the Cluster's addresses, or a client made by createCluster.",
  MISCONF: "It cannot write to its disk. Its log says why.",
};
const WAITING = "It is not ready; this is tried again with the next trace.";
for (const word of ["LOADING", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "ASK", "BUSY", "UNBLOCKED"]) {
  Object.assign(STEPS, { [word]: WAITING });
}
const OTHER = "The log needs Redis 5 or later, with streams and scripts. Use one, or leave traceLog out.";

/** Before version 7, an error inside a script was preceded by the script's name and line. */
const IN_SCRIPT = /@user_script: ?\d{1,3}: -?([A-Z]{2,20}) /;
/** How Redis 7.0 names a missing permission inside a script. */
const FORBIDDEN_IN_SCRIPT = /^ERR The user executing the script can't /;

/** The classes of the packages `ioredis` and `redis` for a server's error answers. A proxy's may have no word. */
const ANSWERS = ["ReplyError", "ErrorReply"];

function isAnswer(error: unknown): boolean {
  for (let at = Object(error); at !== null; at = Object.getPrototypeOf(at))
    if (ANSWERS.includes(at.constructor?.name)) return true;
  return false;
}

/** The word that begins Redis's error answer, such as `NOPERM`, or `ERR`; null if the error is not an answer. */
export function readRefusal(error: unknown): string | null {
  if (codeOf(error) !== "") return null; // Node's errors, and ours
  const message = messageOf(error);
  if (FORBIDDEN_IN_SCRIPT.test(message)) return "NOPERM";
  const word = IN_SCRIPT.exec(message)?.[1] ?? /^([A-Z]{2,20}) /.exec(message)?.[1];
  if (word === undefined) return isAnswer(error) ? "ERR" : null;
  return Object.hasOwn(STEPS, word) ? word : "ERR";
}

/** One sentence: the next step. @param keys the names of the log's keys */
export function stepAfter(refusal: string, keys: readonly string[]): string {
  return (STEPS[refusal] ?? OTHER).replace("KEYS", keys.join(" and "));
}

/** The node to which a Cluster's node sends us, if its answer is MOVED; null otherwise. An empty host is its own. */
export function readMove(error: unknown): { host: string; port: string } | null {
  const [, host, port] = /^MOVED \d{1,5} (.{0,255}):(\d{1,5})$/.exec(messageOf(error)) ?? [];
  return host === undefined || port === undefined ? null : { host, port };
}
