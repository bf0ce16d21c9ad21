/** What is shown for a selected row that has no session, or no difference, to show. */
import type { HelloAnswer, Mismatch, Trace } from "session-bridge/protocol";
import { serverWords } from "../bridge-problem.ts";
import { isDjango, ofLibrary } from "../of-library.ts";
import { type Entry, originOf, sidesOf, traceOf } from "../timeline/entry.ts";
import { sayIncomplete } from "../timeline/incomplete.ts";
import { provesOwner, unproven } from "./bridge-notices.ts";
import { DJANGO_TRACES, DJANGO_UNREPORTED, djangoLines, lacksReports } from "./django-traces.ts";
import { firstNotice, type NoticeRule, notice } from "./notice.ts";

/** A row, and what its server's bridge reports about itself. */
interface RowFacts {
  entry: Entry;
  hello: (Pick<HelloAnswer, "capabilities" | "unproven"> & Partial<Pick<HelloAnswer, "library">>) | null;
  /** What that bridge reports about its settings. Absent: nothing. */
  mismatch?: Mismatch | null;
}

/** Why nothing is known of the session at this row. Each rule only checks what the rules above it left open. */
const UNKNOWN: readonly NoticeRule<RowFacts>[] = [
  {
    name: "row-incomplete",
    tell({ entry }) {
      const trace = traceOf(entry);
      const told = trace && sayIncomplete(trace);
      if (!told) return null;
      const remedy = told.remedy === undefined ? "" : ` ${told.remedy}`;
      return {
        title: "Not everything that this request did is known",
        sentence: `${told.sentence}${remedy}`,
      };
    },
  },
  notice("row-is-note", ({ entry }) => entry.type === "note", {
    title: "This row is a note",
    sentence: "It is about the timeline, not about a request. Choose a request.",
  }),
  {
    name: "row-unproven",
    tell: ({ entry, hello }) =>
      !hello || provesOwner(hello) || traceOf(entry) !== null ? null : unproven(hello.unproven),
  },
  notice("row-from-cache", ({ entry }) => entry.type === "request" && entry.request.fromCache, {
    title: "This response came from the cache",
    sentence: "The browser sent the server no request, so nothing happened there.",
  }),
  notice("row-failed", ({ entry }) => isUnanswered(entry) && isFailed(entry), {
    title: "This request got no response",
    sentence: "What the server did with it is not known, unless another row shows it.",
  }),
  notice("row-under-way", ({ entry }) => isUnanswered(entry), {
    title: "This request is under way",
    sentence: "What it does to the session appears when the response arrives.",
  }),
  {
    name: "row-trace-withheld",
    tell({ entry, mismatch }) {
      if (entry.type !== "request" || !entry.traceGone || !mismatch || mismatch.of === "store") return null;
      return {
        title: "The server does not show what this request did",
        sentence: `It shows that only for a session whose cookie it can verify. ${serverWords(mismatch.why)}`,
      };
    },
  },
  {
    name: "row-trace-gone",
    tell({ entry, hello }) {
      if (entry.type !== "request" || !entry.traceGone) return null;
      const why = isDjango(hello?.library?.name)
        ? `the bridge was restarted, its log dropped the trace, or it belongs to a session whose cookie this tab cannot show.${chooseNow(hello)}`
        : "another process answered, the log dropped it, the server restarted, or it belongs to a session whose cookie this tab cannot show. Share the log through Redis to see all processes.";
      return {
        title: "The server's log does not show this request",
        sentence: `Its response named a trace that does not arrive: ${why}`,
      };
    },
  },
  notice("row-trace-awaited", (facts) => isTraceAwaited(facts), {
    title: "The server's report on this request is on its way",
    sentence: "Its response named a trace that has not arrived yet.",
  }),
  {
    name: "row-not-traced",
    tell({ entry, hello }) {
      if (traceOf(entry) !== null || entry.type !== "request") return null;
      const host = originOf(entry.request.url) ?? "its server";
      const why =
        hello === null
          ? `No bridge of ${host} reported it.`
          : "Its server reported nothing about it, and no reading of the session belongs to it.";
      const title = "What this request did is not known";
      const sentence = `${why}${chooseNow(hello)}`;
      if (lacksReports(hello)) {
        const lines = djangoLines(originOf(entry.request.url) ?? "");
        return { title, sentence: `${sentence} ${DJANGO_TRACES}`, lines };
      }
      return isDjango(hello?.library?.name)
        ? { title, sentence: `${sentence} ${DJANGO_UNREPORTED}` }
        : { title, sentence };
    },
  },
];

const HANDLER_UNSEEN =
  "The bridge cannot see whether its handler read anything in the session: that stays between the handler and the session library.";

/** Contents: there is no session after this row. */
export const CONTENTS_OF_ROW: readonly NoticeRule<RowFacts>[] = [
  notice("row-ended-session", ({ entry }) => !!sidesOf(entry)?.before && !sidesOf(entry)?.after, {
    title: "No session after this request",
    sentence: "The session that was there before is gone.",
  }),
  notice("row-without-session", ({ entry }) => sidesOf(entry) !== null || isTouched(traceOf(entry)), {
    title: "No session after this request",
    sentence: "There was none before it, and none was stored.",
  }),
  ...UNKNOWN,
  {
    name: "row-nothing-stored",
    tell({ entry, hello }) {
      if (!isUntouched(traceOf(entry)) || traceOf(entry)?.seen === undefined) return null;
      const of = ofLibrary(hello?.library?.name);
      return {
        title: of === "" ? "Nothing was loaded or stored" : `No session${of} was loaded or stored`,
        sentence: `${HANDLER_UNSEEN}${chooseNow(hello)}`,
      };
    },
  },
  {
    name: "row-did-not-look",
    tell({ entry, hello }) {
      if (traceOf(entry)?.touched !== false) return null;
      return {
        title: `This request did not look at the session${ofLibrary(hello?.library?.name)}`,
        sentence: `Its handler neither read nor wrote it.${chooseNow(hello)}`,
      };
    },
  },
];

/** What the Changes tab shows: one row, or two compared, and whether their data differs. */
interface ChangesFacts {
  row: RowFacts | null;
  anchor: Entry | null;
}

/** Changes: there are none to show. */
export const CHANGES_NOTICES: readonly NoticeRule<ChangesFacts>[] = [
  notice("no-row-chosen", ({ row }) => row === null, {
    title: "Choose a request",
    sentence: "Its changes show here. Choose a second one with Shift to compare the two.",
  }),
  notice("cannot-compare", ({ row, anchor }) => anchor !== null && [row?.entry, anchor].some(holdsUnknown), {
    title: "These two cannot be compared",
    sentence: "For one of them it is not known what the session held afterwards.",
  }),
  notice("too-large-to-compare", ({ row, anchor }) => [row?.entry, anchor].some(isCut), {
    title: "No difference that can be shown",
    sentence: "Parts of the session were too large for its trace, and may differ.",
  }),
  notice("same-after-both", ({ anchor }) => anchor !== null, {
    title: "No difference",
    sentence: "The session's data was the same after both.",
  }),
  {
    name: "changes-not-known",
    tell: ({ row }) => (row === null || sidesOf(row.entry) !== null ? null : firstNotice(UNKNOWN, row)),
  },
  {
    name: "row-left-stored",
    tell({ row }) {
      if (!isUntouched(of(row)) || of(row)?.seen === undefined) return null;
      const sentence = `This request loaded no session${ofLibrary(row?.hello?.library?.name)} and stored none.`;
      return { title: "No difference", sentence: `${sentence} ${HANDLER_UNSEEN}` };
    },
  },
  {
    name: "row-left-unseen",
    tell({ row }) {
      if (of(row)?.touched !== false) return null;
      const sentence = `This request did not look at the session${ofLibrary(row?.hello?.library?.name)}.`;
      return { title: "No difference", sentence };
    },
  },
  notice("only-hidden-values", ({ row }) => (of(row)?.changes.length ?? 0) > 0, {
    title: "No difference that can be shown",
    sentence: "What this request changed is hidden in its trace. Its row names the keys.",
  }),
  notice(
    "no-session-to-change",
    ({ row }) => !!row && !sidesOf(row.entry)?.before && !sidesOf(row.entry)?.after,
    {
      title: "No difference",
      sentence: "There was no session before this request, and none after it.",
    },
  ),
  notice("only-new-key", ({ row }) => of(row)?.newKey === true, {
    title: "No difference in the data",
    sentence: "This request gave the session a new key and did not change its data.",
  }),
  notice("no-difference", ({ row }) => row !== null, {
    title: "No difference",
    sentence: "This request did not change the session's data.",
  }),
];

/** What to do to see the session, if it can be read. */
function chooseNow(hello: RowFacts["hello"]): string {
  const isUnreadable = hello !== null && !hello.capabilities.includes("read");
  return isUnreadable ? "" : " Choose Now to see what the session holds.";
}

function of(row: RowFacts | null): Trace | null {
  return row === null ? null : traceOf(row.entry);
}

/** True when the session was read or stored, and everything about that is known. */
function isTouched(trace: Trace | null): boolean {
  return trace?.touched === true && trace.incomplete === undefined;
}

/** True when nothing was done to it, and everything about that is known. */
function isUntouched(trace: Trace | null): boolean {
  return trace?.touched === false && trace.incomplete === undefined;
}

function isUnanswered(entry: Entry): boolean {
  return entry.type === "request" && entry.request.status === null && traceOf(entry) === null;
}

function isFailed(entry: Entry): boolean {
  return entry.type === "request" && entry.request.error !== null;
}

/** True when it is not known what the session held after it. */
function holdsUnknown(entry: Entry | null | undefined): boolean {
  return !!entry && sidesOf(entry) === null;
}

/** True when a trace does not contain the whole session. */
function isCut(entry: Entry | null | undefined): boolean {
  const trace = entry ? traceOf(entry) : null;
  return trace?.before?.truncated === true || trace?.after?.truncated === true;
}

/** True while a bridge that was found may still send the trace that the response named. */
function isTraceAwaited({ entry, hello }: RowFacts): boolean {
  if (entry.type !== "request" || entry.request.traceId === null || entry.trace !== null) return false;
  return hello?.capabilities.includes("traces") === true;
}
