/** What the server found wrong with a request's session, in sentences, each with the remedy. */
import { type Finding, type FindingCode, readMark, type Trace } from "session-bridge/protocol";
import { isDjango } from "../of-library.ts";
import { hasOperation, wasStored } from "../timeline/store-operations.ts";
import type { Facts, Rule } from "./facts.ts";
import { MAX_COOKIE_BYTES } from "./refused.ts";
import { DJANGO_LOGIN, DJANGO_SAVE, sayName, sayServerMoment } from "./words.ts";

const MAX_NAMED = 3;

function rule(
  code: FindingCode,
  claim: string,
  say: (finding: Finding, trace: Trace, facts: Facts) => string | [string, string] | null,
): Rule {
  return {
    name: code,
    about: "session",
    claims: [claim],
    explain(facts) {
      const finding = facts.trace?.findings.find((each) => each.code === code);
      const found = finding && facts.trace ? say(finding, facts.trace, facts) : null;
      if (found === null) return null;
      return typeof found === "string" ? { sentence: found } : { sentence: found[0], remedy: found[1] };
    },
  };
}

export const FINDINGS: readonly Rule[] = [
  rule("lost-update", "another's change is lost", ({ keys, traces }, _trace, { rows, library }) => [
    `A change is lost: ${sayRows(traces, rows)} wrote ${sayKeys(keys)} while this request ran, and this request then stored the whole session as it had loaded it earlier.`,
    isDjango(library)
      ? "Send such requests one after another, or keep what several requests change in a table, and change it there with F() or in a transaction with select_for_update()."
      : "Send such requests one after another, or save only what each request changed: session-bridge merges a request's changed keys into the newest session.",
  ]),
  {
    name: "overwritten",
    about: "session",
    claims: ["its own change is lost"],
    explain({ overwrittenBy }) {
      const [first] = overwrittenBy;
      if (!first) return null;
      const keys = new Set(overwrittenBy.flatMap((each) => each.keys));
      const by = sayList(overwrittenBy.map(({ row }) => sayName(row)));
      return {
        sentence: `What this request wrote to ${sayKeys([...keys])} is lost: ${by} overlapped it and overwrote it with what it had read earlier.`,
        remedy: `Choose ${by} in the timeline: its “Why?” says how to prevent it.`,
      };
    },
  },
  rule("resurrected", "it came back", ({ traces }, _trace, { rows, library }) => [
    `A deleted session came back: ${sayRows(traces, rows)} deleted it (a logout, or a new session id) during this request, which then stored it again under the old id.`,
    isDjango(library)
      ? "Use an engine that only updates sessions that still exist: with django.contrib.sessions.backends.db such a request gets a 400."
      : "Use a store that only updates sessions that still exist, or session-bridge, which answers 400 if the session was deleted while the request ran.",
  ]),
  {
    name: "login-without-new-key",
    about: "session",
    claims: ["the login kept its key"],
    explain({ trace, reading, library }) {
      const found = trace?.findings ?? reading?.findings ?? [];
      const finding = found.find(({ code }) => code === "login-without-new-key");
      if (!finding) return null;
      return {
        sentence: `The session was given ${sayKeys(finding.keys)}, as in a login, and it kept its key, the id in the cookie. If it was a login, anyone who planted that id before (session fixation) is now logged in too.`,
        remedy: isDjango(library)
          ? DJANGO_LOGIN
          : "Give the session a new key at login: session.cycleKey(), express-session's regenerate, Django's login() or cycle_key().",
      };
    },
  },
  rule("unsaved-change", "nothing was saved", ({ keys }, trace, { library }) => {
    const { status } = trace.request;
    // If the handler saved along the way, part was kept, and the finding does not say which part.
    if (wasStored(trace) || !hasOperation(trace, "not-saved", /^status/) || status < 500) return null;
    if (isDjango(library))
      return [
        `The view changed ${sayKeys(keys)}, and none of it was saved: Django does not store a session when the response is ${status}.`,
        DJANGO_SAVE,
      ];
    return [
      `The handler changed ${sayKeys(keys)}, and none of it was saved: the response was ${status}, and a session is not stored at status 500 and above.`,
      "Fix the error. To keep a change despite status 500 or above, save the session in the handler.",
    ];
  }),
  rule("unmarked-change", "a change inside a value was not stored", ({ keys = [], lines = [] }) => [
    `At the end of the request the value of ${sayKeys(keys)} differed from what is stored. The session was not marked as modified, so Django did not store it.${sayReaders(keys, lines)}`,
    "Set request.session.modified = True after a change inside a value, or assign the value to its key again.",
  ]),
  rule("needless-save", "it was saved for nothing", (_finding, { before, after }, { skewMs, library }) => {
    const [from, to] = [before?.expiresAt ?? null, after?.expiresAt ?? null];
    const moved =
      from !== null && to !== null && from !== to
        ? `, and only its expiry moved, to ${sayServerMoment(to, skewMs)}`
        : "";
    if (isDjango(library))
      return [
        `The session was stored although nothing in it had changed${moved}. Django stores the whole session, so such a save overwrites what concurrent requests have changed.`,
        "Assign to a key only if its value is different, and remove calls of request.session.save() and request.session.modified = True that are not needed.",
      ];
    return [
      `The session was stored although nothing in it had changed${moved}. In a library that stores whole sessions, such a save overwrites what concurrent requests have changed.`,
      "Remove the call to save, or turn off the setting that always saves: resave in express-session, saveEveryRequest in session-bridge.",
    ];
  }),
  rule("near-4-kib", "it is too long", (_finding, { cookie }, { name, sent, library }) => {
    if (cookie !== null && cookie.name !== name) return null;
    if (sent !== null && sent.parsed.name.length + sent.parsed.value.length > MAX_COOKIE_BYTES) return null;
    return [
      "The cookie that carries this session is near 4096 bytes: browsers silently drop a longer one, and the old session stays.",
      isDjango(library)
        ? "Keep large data in a table, and only its id in the session, or set SESSION_ENGINE to an engine that stores sessions on the server."
        : "Keep large data in a store, and only its id in the session.",
    ];
  }),
  rule("key-conflict", "changes were joined", ({ keys }, trace) =>
    wasStored(trace)
      ? `Two requests changed ${sayKeys(keys)} at the same time. This request stored last, so its value was kept.`
      : null,
  ),
  rule("late-change", "a change came too late", ({ keys }, _trace, { library }) => [
    `A change to ${sayKeys(keys)} came after the response had begun, so it is lost.`,
    isDjango(library)
      ? "Change the session before the view returns its response: Django has stored it by the time a streaming response's body is made."
      : "Change the session before the first byte is sent.",
  ]),
  rule("two-sessions", "it came with another session", (_finding, _trace, { name, namesakes }) => [
    `The request carried several cookies named ${sayName(name)}${sayPlaces(namesakes)}, and more than one of them is a session that exists. The server used only one of them.`,
    `Delete the one that does not belong to this app; the list of cookies shows their paths and domains. If another host of this domain can have set it, give the session's cookie a name that begins with __Host-, Secure and the path "/": then no other host can set one.`,
  ]),
];

/** Where the browser has them, if it shows more than one. */
function sayPlaces(cookies: Facts["namesakes"]): string {
  return cookies.length < 2 ? "" : ` (${sayList(cookies.map(({ domain, path }) => sayName(domain + path)))})`;
}

function sayKeys(keys: readonly string[] = []): string {
  return sayList(keys.map(sayKey)) || "the session";
}

/** A key in quotes; for keys that are only counted, their number. */
function sayKey(key: string): string {
  const mark = readMark(key);
  return mark?.kind === "cut" ? sayName(mark.what) : `“${sayName(key)}”`;
}

/** Which code last read these keys, as far as that is known: not certainly the code that made the change. */
function sayReaders(keys: readonly string[], lines: readonly string[]): string {
  const known = keys.flatMap((key, at) => (lines[at] ? [{ key, line: sayName(lines[at]) }] : []));
  const [first] = known;
  if (first === undefined) return "";
  const by =
    keys.length === 1 ? first.line : sayList(known.map(({ key, line }) => `${line} (${sayKey(key)})`));
  return ` It was last read by ${by}, which may not be the code that changed it.`;
}

/** Names of the other rows; a row that the timeline does not have is "another request". */
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
