/** Why the server's session is as it is after a request: not saved, empty, merged, flushed. */
import type { Trace } from "session-bridge/protocol";
import { isDjango, ofLibrary } from "../of-library.ts";
import { sayIncomplete } from "../timeline/incomplete.ts";
import { hasOperation, ownOperations, wasStored } from "../timeline/store-operations.ts";
import type { Facts, Rule } from "./facts.ts";
import { DJANGO_LOGIN, DJANGO_SAVE, sayName } from "./words.ts";

function rule(
  name: string,
  claim: string,
  say: (trace: Trace, facts: Facts) => string | [string, string] | null,
): Rule {
  return {
    name,
    about: "session",
    claims: [claim],
    explain(facts) {
      const found = facts.trace && say(facts.trace, facts);
      if (!found) return null;
      return typeof found === "string" ? { sentence: found } : { sentence: found[0], remedy: found[1] };
    },
  };
}

const list = (keys: readonly string[]) => keys.map((key) => `“${sayName(key)}”`).join(", ");
const countKeys = (count: number) => (count === 1 ? "1 key" : `${count} keys`);

/** Paths that look like a login's: `/login`, `/users/sign_in`, `/sessions`, `/auth`. */
const LOGIN_PATH = /(?:^|[/_.-])(?:log|sign)[-_]?in(?:[/_.-]|$)|\/sessions?\/?$|\/auth(?:enticate)?(?:\/|$)/i;

/** True when the trace says that there was no session when the request came. */
const beganEmpty = (trace: Trace) =>
  isWhole(trace) && (trace.before === null || trace.before.dataJson === "{}");

/** True when everything that the request did is known. */
const isWhole = ({ incomplete }: Trace) => incomplete === undefined;

/** About a session that existed and did not change, depending on how much of the handler's work is seen. */
const UNCHANGED = {
  all: "Nothing was saved: this request read the session and did not change its data.",
  store: "The session was loaded for this request, and no data was stored.",
  cookie:
    "The session came in its cookie, and the response sent no new one. The bridge cannot see whether the handler read it.",
} as const;

/** What the panel sees of a login without a bridge: the session's cookie was sent, and no response has set it since. */
const loginKeptKey: Rule = {
  name: "login-kept-key",
  about: "session",
  claims: ["the login kept its key"],
  explain({ name, request, trace, sent, before, after, isListed, isSession, library }) {
    const path = request && URL.canParse(request.url) ? new URL(request.url).pathname : "";
    const passed = request?.method === "POST" && request.status !== null && request.status < 400;
    if (trace || sent || !passed || !isSession || !LOGIN_PATH.test(path)) return null;
    if (!request.sentCookies?.includes(name) || before === null || before === "absent" || !isListed)
      return null;
    if (after === null || after === "absent") return null;
    if (before.value !== undefined && before.value !== after.value) return null;
    return {
      sentence: `POST ${sayName(path)} looks like a login, and the server has given ${sayName(name)} no new value since. If someone logged in there, anyone who planted that session id before (session fixation) is now logged in too.`,
      remedy: isDjango(library)
        ? DJANGO_LOGIN
        : "Give the session a new key at login: cycleKey, regenerate, session_regenerate_id or whatever your framework calls it.",
    };
  },
};

export const SESSION: readonly Rule[] = [
  loginKeptKey,
  rule("incomplete", "not all of it was seen", (trace) => {
    const told = sayIncomplete(trace);
    if (told === null) return null;
    return told.remedy === undefined ? told.sentence : [told.sentence, told.remedy];
  }),
  rule("interrupted", "nothing was saved", (trace) =>
    trace.request.status === 400 &&
    trace.before !== null &&
    (hasOperation(trace, "reject", /deleted meanwhile/) ||
      hasOperation(trace, "not-saved", /deleted meanwhile/))
      ? "The session was there when this request began, and gone when it was to be saved (most likely a logout in between). It was not restored, and the response became a 400."
      : null,
  ),
  rule("other-user", "nothing was saved", (trace) =>
    trace.request.status === 400 && hasOperation(trace, "reject", /^another user meanwhile$/)
      ? [
          "While this request ran, another one logged someone in or out in the same session. Nothing of this request was saved, so that no user gets what another one did, and the response became a 400.",
          "Load the page again. Call cycleKey at login: then this cannot happen, whatever the login key is called.",
        ]
      : null,
  ),
  rule("store-failed", "the store failed", (trace) => {
    const isLost = hasOperation(trace, "not-saved", /^the store failed$/);
    if (!isLost && !hasOperation(trace, "load", /^the store failed$/)) return null;
    return [
      isLost
        ? "The store failed or did not answer in time when the session was to be saved. Whether the change is stored is not known: read the session again."
        : "The store failed or did not answer in time, so this request did not get its session. What is in the session is not known from this.",
      "Read the line on the server's terminal: it names the store and the cause.",
    ];
  }),
  rule("not-saved-error", "nothing was saved", (trace, { library }) => {
    const { status } = trace.request;
    if (status < 500 || !hasOperation(trace, "not-saved", /^status/) || wasStored(trace)) return null;
    if (isDjango(library))
      return [
        `Nothing was saved: Django does not store a session when the response is ${status}.`,
        DJANGO_SAVE,
      ];
    return [
      `Nothing was saved: the response was ${status}, and a session is not stored at status 500 and above.`,
      "Fix the error. To keep a change all the same, save the session in the handler.",
    ];
  }),
  rule("not-saved-unchanged", "nothing was saved", (trace) => {
    if (trace.incomplete !== undefined) return null;
    const isRead = trace.touched && trace.before !== null && trace.after !== null;
    const isSame = trace.changes.length === 0 && trace.findings.length === 0 && !trace.newKey;
    const done = ownOperations(trace).filter(
      ({ name, reason }) => name !== "load" && !(name === "not-saved" && reason === "unchanged"),
    );
    return isRead && isSame && done.length === 0 ? UNCHANGED[trace.seen ?? "all"] : null;
  }),
  rule("untouched", "the session was not touched", (trace, { library }) => {
    if (trace.touched || trace.incomplete !== undefined) return null;
    const done = ownOperations(trace);
    const of = ofLibrary(library);
    if (done.length === 0) return `This request neither loaded a session${of} nor stored one.`;
    return done.every(({ name, reason }) => name === "load" && reason === undefined)
      ? `The session${of} was loaded before the handler ran. The handler did not look at it, and nothing was stored.`
      : null;
  }),
  rule("stored-unreadable", "it began empty", (trace) =>
    beganEmpty(trace) && hasOperation(trace, "reject", /^the stored session cannot be read$/)
      ? [
          "The session began empty: what the store has for its key cannot be read. It was stored with another SECRET_KEY or SESSION_SERIALIZER or by other code, or it was changed.",
          "Log in again. If that happens after every restart, keep SECRET_KEY the same.",
        ]
      : null,
  ),
  rule("tampered", "it began empty", (trace, { library }) =>
    beganEmpty(trace) &&
    hasOperation(trace, "reject", /damage|tamper|signature|corrupt|cookie cannot be opened/i)
      ? [
          `The session began empty: the session that the cookie stands for cannot be read. It was signed with another secret, ${hasOperation(trace, "reject", /cookie cannot be opened/) ? "has expired, or was " : ""}damaged or tampered with.`,
          isDjango(library)
            ? "If no one tampered with it, SECRET_KEY was changed. Put the old one into SECRET_KEY_FALLBACKS, which Django has since 4.1."
            : "If no one tampered with it, the secret was changed. Pass the old one too: secretKey: [new, old] (SECRET_KEY_FALLBACKS).",
        ]
      : null,
  ),
  rule("unknown-key", "it began empty", (trace, { library }) =>
    beganEmpty(trace) && hasOperation(trace, "load", /unknown key|no such session/)
      ? [
          "The session began empty: the store has no session for the key (the session id) in the cookie. It may have expired, been logged out, or be in another store.",
          isDjango(library)
            ? "Log in again. If that happens after every restart, the sessions may be in a LocMemCache, which lives in one process only."
            : "Log in again. If that happens after every restart, the engine keeps sessions in memory only.",
        ]
      : null,
  ),
  rule("expired-session", "it began empty", (trace) =>
    beganEmpty(trace) && (hasOperation(trace, "expire") || hasOperation(trace, "load", /^expired/))
      ? "The session began empty: the stored one had expired."
      : null,
  ),
  rule("created", "it began here", (trace) =>
    trace.before === null && trace.after !== null && isWhole(trace) && hasOperation(trace, "create")
      ? "A session began here: this request created a new one."
      : null,
  ),
  rule("flushed", "it was flushed", (trace) => {
    if (trace.flushedKeys === null) return null;
    // A flush that took the store no time did not reach a store: a cookie held the session, or there was none.
    const isStored = ownOperations(trace).some(({ name, durationMs }) => name === "flush" && durationMs > 0);
    const held = trace.before === null || trace.flushedKeys === 0 ? "" : countKeys(trace.flushedKeys);
    if (trace.after !== null && isWhole(trace)) {
      const end = isStored ? ", and its row in the store is gone" : "";
      return `The previous session was flushed${held && `: it held ${held}`}${end}. There is a new one now.`;
    }
    const gone = [held && `its ${held}`, isStored ? "its row in the store" : ""].filter((one) => one !== "");
    const verb = gone.length > 1 || trace.flushedKeys > 1 ? "are" : "is";
    return `The session was flushed, as at a logout${gone.length > 0 ? `: ${gone.join(" and ")} ${verb} gone` : ""}.`;
  }),
  rule("new-key", "the key is new", (trace) => {
    if (!trace.newKey || trace.flushedKeys !== null || trace.before === null) return null;
    const lost = trace.changes.filter(({ kind }) => kind === "removed").map(({ key }) => key);
    const isRead = !trace.before.truncated && trace.after?.truncated === false;
    const kept = isRead && isWhole(trace) ? ", and lost none of its keys" : "";
    return `The session got a new key, its session id, as it should at login${lost.length > 0 ? `, and lost ${list(lost)}` : kept}.`;
  }),
  rule("merged", "changes were joined", (trace) =>
    hasOperation(trace, "merge") && wasStored(trace)
      ? "Another request saved this session in the meantime. This request's changed keys were merged into the newer session, and nothing was lost."
      : null,
  ),
];
