/** The chips of two readings of a session: what differs between them, and what is known about who changed it. */
import { differences, pathText } from "../json/difference.ts";
import { type Chip, type ChipRule, chip } from "./chip.ts";
import type { Gone, Reading, SpanEntry } from "./entry.ts";

/** Requests that a span names: a page may load hundreds of files, and each request may have saved. */
const MAX_NAMED = 20;

const GONE: Record<Gone, readonly [text: string, title: string]> = {
  deleted: ["session gone", "A response deleted the session's cookie"],
  ended: [
    "session gone",
    "The browser still holds the cookie, but the server no longer has a session for it",
  ],
  "no-cookie": [
    "cookie gone",
    "The browser no longer has a session cookie, and the panel saw no response in this tab that deleted it",
  ],
  "other-cookie": [
    "no session",
    "The browser holds another session cookie now, but the server has no session for it",
  ],
};

/** All of them, in display order. */
export const READING_CHIPS: readonly ChipRule<Reading>[] = [
  {
    name: "reading-gone",
    tell: ({ gone }) => (gone === undefined ? [] : [chip("removed", ...GONE[gone])]),
  },
  {
    name: "reading-changes",
    tell: (reading) => (reading.gone === undefined ? changesOf(reading) : []),
  },
  {
    name: "reading-new-key",
    tell: ({ newKey }) => (newKey ? [chip("key", "new key", "The session got a new key")] : []),
  },
  {
    name: "reading-login-kept-key",
    tell: ({ findings = [] }) =>
      findings
        .filter(({ code }) => code === "login-without-new-key")
        .map(({ keys = [] }) =>
          chip("bad", "login kept its key", `Finding: login kept its key (${keys.join(", ")})`),
        ),
  },
];

/** The chips of a request that two readings describe, the most telling first. */
export function readingChips(reading: Reading): Chip[] {
  const told = changeChips(reading);
  const title =
    told.length === 0
      ? "The panel read the session before this response and after it, and found the same"
      : "Of the responses that the panel saw in this tab between two of its readings, only this one set the session's cookie";
  return [...told, chip("dim", "reading", title)];
}

/** The chips of a span. */
export function spanChips({ reading, candidates }: SpanEntry): Chip[] {
  const more = candidates.length - MAX_NAMED;
  const names = candidates.slice(0, MAX_NAMED).map(({ method, path }) => `${method} ${path}`);
  const named = `${names.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
  const title =
    candidates.length === 0
      ? "Between two of its readings the panel saw no response in this tab that set the session's cookie, so it is not known what changed the session"
      : `It is not known which request changed the session between two of the panel's readings. Requests in that time: ${named}`;
  return [...changeChips(reading), chip("dim", "reading", title)];
}

function changeChips(reading: Reading): Chip[] {
  return READING_CHIPS.flatMap((rule) => rule.tell(reading));
}

function changesOf(reading: Reading): Chip[] {
  const chips = differences(reading.before, reading.after).map(({ path, kind }) => {
    const key = pathText(path.slice(0, 1));
    const whole = path.length === 1;
    if (whole && kind === "added") return chip("added", `+${key}`, `${key} was added`);
    if (whole && kind === "removed") return chip("removed", `−${key}`, `${key} was removed`);
    return chip("changed", `~${key}`, `${key} was changed`);
  });
  const once = new Map(chips.map((each) => [each.text, each]));
  return [...once.values()];
}
