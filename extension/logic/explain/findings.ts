/** What the server found wrong with a request's session, in sentences, each with the remedy. */
import { type Finding, type FindingCode, readMark } from "session-bridge/protocol";
import type { Facts, Rule } from "./facts.ts";
import { sayName } from "./words.ts";

const MAX_NAMED = 3;

function rule(code: FindingCode, say: (finding: Finding, facts: Facts) => [string, string]): Rule {
  return {
    name: code,
    about: "session",
    explain(facts) {
      const finding = facts.trace?.findings.find((each) => each.code === code);
      if (!finding) return null;
      const [sentence, remedy] = say(finding, facts);
      return { sentence, remedy };
    },
  };
}

export const FINDINGS: readonly Rule[] = [
  rule("lost-update", ({ keys, traces }, { rows }) => [
    `A change is lost: ${sayRows(traces, rows)} wrote ${sayKeys(keys)} while this request ran, and this request then stored the whole session as it had loaded it before.`,
    "Send such requests one after the other, or save only what each request changed: session-bridge lays a request's own keys over the newest session.",
  ]),
  {
    name: "overwritten",
    about: "session",
    explain({ overwrittenBy }) {
      const [first] = overwrittenBy;
      if (!first) return null;
      const keys = new Set(overwrittenBy.flatMap((each) => each.keys));
      const by = sayList(overwrittenBy.map(({ row }) => sayName(row)));
      return {
        sentence: `What this request wrote is lost: ${by} overlapped it and stored over ${sayKeys([...keys])} with what it had read before.`,
        remedy: `Choose ${by} in the timeline: its “Why?” says how to prevent it.`,
      };
    },
  },
  rule("resurrected", ({ traces }, { rows }) => [
    `A deleted session came back: ${sayRows(traces, rows)} deleted it (a logout, or a new session id) while this request ran, and this request then stored it again under the old id.`,
    "Use a store that only updates sessions that are still there, or session-bridge, which answers 400 when the session was deleted meanwhile.",
  ]),
  rule("login-without-new-key", ({ keys }) => [
    `The session was given ${sayKeys(keys)}, as by a login, and it kept its key, the id in the cookie: whoever planted that id before (session fixation) is logged in now too.`,
    "Give the session a new key at the login: session.cycleKey(), express-session's regenerate, Django's login() or cycle_key().",
  ]),
  rule("unsaved-change", ({ keys }, { trace }) => [
    `The handler changed ${sayKeys(keys)}, and nothing of it was saved: the answer was ${trace?.request.status}, and at 500 and above a session is not stored.`,
    "Mend the error. What has to stay although the answer is 500 or above needs a save of its own.",
  ]),
  rule("needless-save", () => [
    "The session was stored although nothing in it had changed: a write for nothing, which can overwrite what requests at the same time have changed.",
    "Leave out the call of save, or the setting that saves always: resave in express-session, saveEveryRequest in session-bridge.",
  ]),
  rule("near-4-kib", () => [
    "The cookie that carries this session is near 4096 bytes: browsers drop a longer one without a word, and the old session stays.",
    "Keep what is large in a store, and only its id in the session.",
  ]),
];

function sayKeys(keys: readonly string[] = []): string {
  return sayList(keys.map(sayKey)) || "the session";
}

/** A key in quotes; of keys that are only counted, their number. */
function sayKey(key: string): string {
  const mark = readMark(key);
  return mark?.kind === "cut" ? sayName(mark.what) : `“${sayName(key)}”`;
}

/** The other rows by name; a row that the timeline does not hold is "another request". */
function sayRows(traces: readonly string[] = [], rows: Facts["rows"]): string {
  const named = traces.flatMap((id) => rows.get(id) ?? []).map(sayName);
  return sayList(named) || "another request";
}

function sayList(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join("; ")}; and ${more} more`;
  return shown.length < 3 ? shown.join(" and ") : shown.join("; ");
}
