/** The chips of a trace: `+user_id`, `~cart 1→2`, `new key`, `flushed 6 keys`. Each claim is one rule. */
import {
  type Finding,
  type FindingCode,
  parseJson,
  type Trace,
  type TraceOperation,
} from "session-bridge/protocol";
import { type Chip, type ChipRule, chip } from "./chip.ts";
import { sayIncomplete } from "./incomplete.ts";
import { ownOperations, wasStored } from "./store-operations.ts";

/** Longer values are left out of their chip; the row's detail shows them. */
const MAX_VALUE = 18;

const FINDINGS: Record<FindingCode, string> = {
  "lost-update": "lost update",
  "unsaved-change": "unsaved change",
  "unmarked-change": "will not be saved",
  "needless-save": "needless save",
  "login-without-new-key": "login kept its key",
  resurrected: "resurrected",
  "near-4-kib": "near 4 KiB",
  "key-conflict": "written twice",
  "late-change": "changed too late",
  "two-sessions": "two sessions",
};

/** Additions and removals say more than changes. */
const CHANGES: readonly ChipRule<Trace>[] = [
  {
    name: "added",
    tell: (trace) =>
      changed(trace, "added").map(({ key, by }) => chip("added", `+${key}`, `${key} was added${by}`)),
  },
  {
    name: "removed",
    // After a flush its chip stands for all of them.
    tell: (trace) =>
      trace.flushedKeys !== null
        ? []
        : changed(trace, "removed").map(({ key, by }) =>
            chip("removed", `−${key}`, `${key} was removed${by}`),
          ),
  },
  {
    name: "changed",
    tell(trace) {
      const before = scalars(trace.before?.dataJson ?? null);
      const after = scalars(trace.after?.dataJson ?? null);
      return changed(trace, "changed").map(({ key, by }) => {
        const [old, now] = [before.get(key), after.get(key)];
        const short = old !== undefined && now !== undefined && old !== now;
        return chip("changed", short ? `~${key} ${old}→${now}` : `~${key}`, `${key} was changed${by}`);
      });
    },
  },
];

const EVENTS: readonly ChipRule<Trace>[] = [
  {
    name: "flushed",
    tell({ flushedKeys, before, incomplete }) {
      if (flushedKeys === null) return [];
      // Keys are not counted if the session is too long for its trace, or if it was not loaded or not seen.
      if ((before === null || before.truncated || incomplete !== undefined) && flushedKeys === 0)
        return [chip("removed", "flushed", "The session was flushed")];
      const count = flushedKeys === 1 ? "1 key" : `${flushedKeys} keys`;
      return [chip("removed", `flushed ${count}`, `The session was flushed with ${count}`)];
    },
  },
  {
    name: "new-key",
    tell: ({ newKey }) => (newKey ? [chip("key", "new key", "The session got a new key")] : []),
  },
  operation("not-saved", ({ reason }, trace) => {
    if (reason === "unchanged") return null;
    if (!wasStored(trace))
      return chip("bad", `not saved${because(reason)}`, `Nothing was saved${because(reason)}`);
    // The handler itself had saved part of it by then.
    return trace.findings.some(({ code }) => code === "unsaved-change")
      ? chip("bad", `rest not saved${because(reason)}`, `The rest was not saved${because(reason)}`)
      : null;
  }),
  operation("load", ({ reason }) =>
    reason === STORE_FAILED
      ? chip(
          "bad",
          "not loaded: the store failed",
          "The store failed or did not answer in time, so this request did not get its session",
        )
      : null,
  ),
  operation("reject", ({ reason }) =>
    chip(
      "bad",
      `rejected${because(reason)}`,
      NOT_SAVED.get(reason ?? "") ?? `The cookie was not accepted${because(reason)}`,
    ),
  ),
  operation("expire", ({ reason }) =>
    chip("removed", "expired", `The stored session had expired${because(reason)}`),
  ),
  {
    name: "others-ended",
    tell: (trace) => aboutOthers(trace, "delete"),
  },
  {
    name: "others-restored",
    tell: (trace) => aboutOthers(trace, "create"),
  },
  operation("merge", (_, { findings }) =>
    chip(
      "key",
      "merged",
      findings.some(({ code }) => code === "key-conflict")
        ? "Also changed by another request in the meantime; where both wrote the same, this request's value was kept"
        : "Also changed by another request in the meantime; both changes were kept",
    ),
  ),
];

const FOUND: readonly ChipRule<Trace>[] = Object.entries(FINDINGS).map(([code, text]) => ({
  name: `finding-${code}`,
  tell: ({ findings }) =>
    findings
      .filter((finding) => finding.code === code)
      .map((finding) => {
        const about = aboutKeys(finding);
        return chip("bad", text, `Finding: ${text}${about === "" ? "" : ` (${about})`}`);
      }),
}));

/** Only tried if nothing else applies, in this order; the first that applies is used. */
const OTHERWISE: readonly ChipRule<Trace>[] = [
  {
    name: "no-session",
    tell: ({ touched, before, after }) =>
      touched && before === null && after === null ? [chip("dim", "no session", "There was no session")] : [],
  },
  {
    name: "saved-unread",
    tell: (trace) =>
      isSaved(trace) && isCut(trace)
        ? [chip("dim", "saved", "Saved; it is too large for its trace to tell whether it changed")]
        : [],
  },
  {
    name: "saved-renewed",
    tell: (trace) =>
      isSaved(trace) && isRenewed(trace)
        ? [chip("dim", "saved", "Saved without a change, which moved its expiry")]
        : [],
  },
  {
    name: "saved",
    tell: (trace) => (isSaved(trace) ? [chip("dim", "saved", "Saved without a change")] : []),
  },
  {
    name: "loaded",
    tell: ({ touched, seen }) =>
      touched && seen === "store"
        ? [chip("dim", "loaded", "The session was loaded, and no data was stored")]
        : [],
  },
  {
    name: "as-it-came",
    tell: ({ touched, seen }) =>
      touched && seen === "cookie"
        ? [
            chip(
              "dim",
              "as it came",
              "The session came in its cookie, and no new one was sent. The bridge cannot see whether the handler read it",
            ),
          ]
        : [],
  },
  {
    name: "read-only",
    tell: ({ touched, seen }) =>
      touched && seen === undefined
        ? [chip("dim", "read only", "The session was read, and nothing was saved")]
        : [],
  },
];

/** If this applies, nothing is claimed that did not happen. */
const INCOMPLETE: ChipRule<Trace> = {
  name: "incomplete",
  tell(trace) {
    const told = sayIncomplete(trace);
    const saved = wasStored(trace) ? " It did save." : "";
    return told === null ? [] : [chip("dim", "incomplete", `${told.sentence}${saved}`)];
  },
};

const SAID = [...CHANGES, ...EVENTS, ...FOUND, INCOMPLETE];

/** All of them, in display order. */
export const TRACE_CHIPS: readonly ChipRule<Trace>[] = [...SAID, ...OTHERWISE];

/** The chips of one trace, the most telling first. */
export function traceChips(trace: Trace): readonly Chip[] {
  const said = SAID.flatMap((rule) => rule.tell(trace));
  if (said.length > 0) return said;
  for (const rule of OTHERWISE) {
    const told = rule.tell(trace);
    if (told.length > 0) return told;
  }
  return [];
}

/** The core's reason if the store failed or did not answer in time. */
const STORE_FAILED = "the store failed";

const DELETED_MEANWHILE = "The session was deleted while this request ran, so what it changed was not saved";

/** The reasons of this library and of Django if another request took the session away while this one ran. */
const NOT_SAVED: ReadonlyMap<string, string> = new Map([
  ["deleted meanwhile", DELETED_MEANWHILE],
  ["the session was deleted meanwhile", DELETED_MEANWHILE],
  [
    "another user meanwhile",
    "Another request logged someone in or out in this session while this request ran, so what it changed was not saved",
  ],
]);

/** The keys of a finding, each with the code that last read it if that is known. */
function aboutKeys({ keys = [], lines = [] }: Finding): string {
  return keys.map((key, at) => (lines[at] ? `${key}, last read by ${lines[at]}` : key)).join(", ");
}

function changed({ changes, flushedKeys, after }: Trace, wanted: string): { key: string; by: string }[] {
  // A session that began in the same request as a flush is described: its contents are new.
  if (flushedKeys !== null && after === null) return [];
  return changes
    .filter(({ kind }) => kind === wanted)
    .map(({ key, writer }) => ({ key, by: writer === undefined ? "" : ` by ${writer}` }));
}

function operation(
  name: TraceOperation["name"],
  say: (done: TraceOperation, trace: Trace) => Chip | null,
): ChipRule<Trace> {
  return {
    name,
    tell: (trace) => trace.operations.flatMap((done) => (done.name === name ? (say(done, trace) ?? []) : [])),
  };
}

/** What a panel did to the user's other sessions. */
function aboutOthers({ origin, operations }: Trace, name: TraceOperation["name"]): Chip[] {
  return operations.flatMap(({ name: done, reason = "" }) => {
    const count = origin === "panel" && done === name ? OTHERS.exec(reason)?.[1] : undefined;
    if (count === undefined) return [];
    const others = count === "1" ? "1 other session" : `${count} other sessions`;
    return name === "delete"
      ? [chip("removed", `ended ${others}`, `Ended ${others} of this user: logged out there`)]
      : [chip("added", `put back ${others}`, `Put back ${others} of this user: logged in there again`)];
  });
}

/** The bridge's words: `another session of this user: ended 1`. */
const OTHERS = /^another session of this user: (?:ended|put back) (\d+)$/;

function because(reason: string | undefined): string {
  return reason === undefined ? "" : `: ${reason}`;
}

function isSaved(trace: Trace): boolean {
  return ownOperations(trace).some(({ name }) => name === "save");
}

function isCut({ before, after }: Trace): boolean {
  return before?.truncated === true || after?.truncated === true;
}

function isRenewed({ before, after }: Trace): boolean {
  const [old, now] = [before?.expiresAt ?? null, after?.expiresAt ?? null];
  return old !== null && now !== null && now > old;
}

/** Top-level scalars that are short enough for a chip. */
function scalars(json: string | null): Map<string, string> {
  const found = new Map<string, string>();
  const parsed = json === null ? null : parseJson(json);
  if (json === null || parsed === null || !parsed.ok || parsed.root.kind !== "object") return found;
  parsed.root.items.forEach((item, index) => {
    const size = item.end - item.start;
    const scalar = item.kind !== "object" && item.kind !== "array";
    if (scalar && size <= MAX_VALUE)
      found.set(parsed.root.keys[index] ?? "", json.slice(item.start, item.end));
  });
  return found;
}
