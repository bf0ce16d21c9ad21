/** Why the server's session is as it is after a request: not saved, empty, merged, flushed. */
import type { Trace, TraceOperation } from "session-bridge/protocol";
import type { Facts, Rule } from "./facts.ts";
import { sayName } from "./words.ts";

function rule(name: string, say: (trace: Trace, facts: Facts) => string | [string, string] | null): Rule {
  return {
    name,
    about: "session",
    explain(facts) {
      const found = facts.trace && say(facts.trace, facts);
      if (!found) return null;
      return typeof found === "string" ? { sentence: found } : { sentence: found[0], remedy: found[1] };
    },
  };
}

/** The operation of a trace with this name, optionally with this word in its reason. */
function find(trace: Trace, name: TraceOperation["name"], reason?: RegExp): TraceOperation | undefined {
  return trace.operations.find((done) => done.name === name && (!reason || reason.test(done.reason ?? "")));
}

const list = (keys: readonly string[]) => keys.map((key) => `“${sayName(key)}”`).join(", ");

/** Paths that look like a login's. */
const LOGIN_PATH = /(log|sign)[-_]?in|\/session(s)?$|\/auth/i;

export const SESSION: readonly Rule[] = [
  {
    name: "login-kept-key",
    about: "session",
    explain({ name, request, trace, sent, before, after }) {
      const path = request && URL.canParse(request.url) ? new URL(request.url).pathname : "";
      const passed = request?.method === "POST" && request.status !== null && request.status < 400;
      if (trace || sent || !passed || !LOGIN_PATH.test(path) || !before || !after) return null;
      return {
        sentence: `POST ${path} looks like a login, and ${sayName(name)} kept its value: whoever planted that session id before (session fixation) is logged in now too.`,
        remedy:
          "Give the session a new key at the login: cycleKey, regenerate, session_regenerate_id or what your framework calls it.",
      };
    },
  },
  rule("not-saved-error", (trace) =>
    trace.request.status >= 500 &&
    find(trace, "not-saved", /status/) &&
    !trace.findings.some(({ code }) => code === "unsaved-change")
      ? [
          `Nothing was saved: the answer was ${trace.request.status}, and a request that fails with 500 or above keeps none of its changes.`,
          "Mend the error. What has to stay all the same needs a save of its own.",
        ]
      : null,
  ),
  rule("not-saved-unchanged", (trace) =>
    trace.touched &&
    trace.changes.length === 0 &&
    trace.before !== null &&
    !trace.newKey &&
    !find(trace, "save") &&
    !find(trace, "flush") &&
    trace.request.status < 500
      ? "Nothing was saved: the handler read the session and left it as it was. Reading does not move the expiry either."
      : null,
  ),
  rule("untouched", (trace) =>
    trace.touched ? null : "The handler never looked at the session, so it was neither loaded nor saved.",
  ),
  rule("tampered", (trace, { name }) =>
    find(trace, "reject", /damage|tamper|signature|corrupt/i)
      ? [
          `The session is empty: the signature does not match the data that ${sayName(name)} stands for, so the server takes it for no session.`,
          "If nobody tampered with it, the secret was changed: pass the old one too, secretKey: [new, old] (SECRET_KEY_FALLBACKS).",
        ]
      : null,
  ),
  rule("unknown-key", (trace, { name }) =>
    find(trace, "load", /unknown key/)
      ? [
          `The session is empty: the store has none for the key (the session id) in ${sayName(name)}. It expired, was logged out, or is in another store.`,
          "Log in again. If that happens after every restart, the engine keeps sessions in memory only.",
        ]
      : null,
  ),
  rule("expired-session", (trace) =>
    find(trace, "expire") || find(trace, "load", /expired/)
      ? "The session is empty: the stored one had expired, although the cookie was still there."
      : null,
  ),
  rule("created", (trace) =>
    trace.before === null && trace.after !== null && find(trace, "create")
      ? "A session began here: something was written, and there was none before."
      : null,
  ),
  rule("flushed", (trace) =>
    trace.flushedKeys === null
      ? null
      : `The session was flushed: ${trace.flushedKeys} ${trace.flushedKeys === 1 ? "key" : "keys"} and its row in the store are gone, as at a logout, and the old cookie is worth nothing any more.`,
  ),
  rule("new-key", (trace) =>
    trace.newKey && trace.flushedKeys === null && trace.before !== null
      ? "The session kept its data and got a new key, its session id, as it should at a login: an id that somebody planted before is worth nothing now."
      : null,
  ),
  rule("merged", (trace) =>
    find(trace, "merge")
      ? "Another request saved this session in the meantime: this one's changed keys were laid over the newer session, and nothing was lost."
      : null,
  ),
  rule("key-conflict", (trace) => {
    const conflict = trace.findings.find(({ code }) => code === "key-conflict");
    return conflict
      ? `Two requests changed ${list(conflict.keys ?? [])} at the same time: the later writer's value stands.`
      : null;
  }),
  rule("interrupted", (trace) =>
    trace.request.status === 400 && find(trace, "reject", /deleted meanwhile/)
      ? "The session was deleted while this request ran (a logout, most likely), so it was not brought back, and the answer became 400."
      : null,
  ),
  rule("late-change", (trace) => {
    const late = trace.findings.find(({ code }) => code === "late-change");
    return late
      ? [
          `A change of ${list(late.keys ?? [])} came after the response had begun: it is lost.`,
          "Change the session before the first byte is sent.",
        ]
      : null;
  }),
  rule("browser-close", (trace, { name }) =>
    trace.cookie?.action === "set" && trace.cookie.maxAge === null && trace.cookie.expiresAt === null
      ? `${sayName(name)} has no expiry: the browser forgets it when it closes, but the server keeps the session until its own time is over.`
      : null,
  ),
];
