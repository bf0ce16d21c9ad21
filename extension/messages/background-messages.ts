/**
 * What the extension's pages and the background say to each other, with a parser for each direction.
 *
 * The only file of this room that others import. Every question can be asked twice without harm: the
 * background may be stopped between question and answer, and then the question comes again.
 */
import type { PartitionKey, SameSite, TabCookie } from "../ports/ports.ts";
import {
  type Fields,
  readChoice,
  readFields,
  readFlag,
  readList,
  readNumber,
  readOptional,
  readText,
  readTexts,
} from "./read-fields.ts";

export * from "./headers.ts";
export * from "./host-pattern.ts";
export * from "./read-fields.ts";
export * from "./sighting.ts";

/** A page's question to the background. `urls` are the addresses of the tab's frames, the tab's own first. */
export type Question =
  /** A recorder's first word: see to it that the tab's requests are observed. */
  | { ask: "watch"; tabId: number }
  | { ask: "list-cookies"; tabId: number; urls: string[] }
  | { ask: "write-cookie"; tabId: number; cookie: TabCookie; replaces: TabCookie | null }
  | { ask: "remove-cookie"; tabId: number; cookie: TabCookie }
  | { ask: "preview-close"; tabId: number; urls: string[] }
  | { ask: "close"; tabId: number; cookies: TabCookie[] }
  | { ask: "restore-cookies"; tabId: number; cookies: TabCookie[] }
  | { ask: "has-access"; origin: string }
  | { ask: "open-options"; tabId: number; origin: string };

/** The background's answer: what was asked for, or one sentence why not. */
export type Answer = { ok: true; answer: unknown } | { ok: false; error: string };

/** What the background tells every open page. */
export type Notice = { notice: "cookies-changed" } | { notice: "access-changed" } | Roll;

/** Asks whether a tab's recorder is still there; it alone answers `true`. */
export interface Roll {
  notice: "roll-call";
  tabId: number;
}

const QUESTIONS = [
  "watch",
  "list-cookies",
  "write-cookie",
  "remove-cookie",
  "preview-close",
  "close",
  "restore-cookies",
  "has-access",
  "open-options",
] as const satisfies readonly Question["ask"][];

/** Checks a question. Throws `ShapeError`. */
export function parseQuestion(value: unknown): Question {
  const fields = readFields(value, "question");
  const ask = readChoice(fields, "ask", QUESTIONS);
  if (ask === "has-access") return { ask, origin: readText(fields, "origin") };
  const tabId = readNumber(fields, "tabId");
  switch (ask) {
    case "watch":
      return { ask, tabId };
    case "open-options":
      return { ask, tabId, origin: readText(fields, "origin") };
    case "write-cookie":
      return {
        ask,
        tabId,
        cookie: readCookie(fields, "cookie"),
        replaces: readOptional(fields, "replaces", readCookie),
      };
    case "remove-cookie":
      return { ask, tabId, cookie: readCookie(fields, "cookie") };
    case "close":
    case "restore-cookies":
      return { ask, tabId, cookies: readList(fields, "cookies", parseCookie) };
    default:
      return { ask, tabId, urls: readTexts(fields, "urls") };
  }
}

/** Checks an answer. Throws `ShapeError`; what is inside `answer` is for the asker to know. */
export function parseAnswer(value: unknown): Answer {
  const fields = readFields(value, "answer");
  if (readFlag(fields, "ok")) return { ok: true, answer: fields["answer"] };
  return { ok: false, error: readText(fields, "error") };
}

/** Checks a notice; null for messages that are none. */
export function parseNotice(value: unknown): Notice | null {
  if (typeof value !== "object" || value === null || !("notice" in value)) return null;
  const fields = readFields(value, "notice");
  const notice = readChoice(fields, "notice", ["cookies-changed", "access-changed", "roll-call"]);
  return notice === "roll-call" ? { notice, tabId: readNumber(fields, "tabId") } : { notice };
}

/** Checks one cookie of ours. Throws `ShapeError`. */
export function parseCookie(value: unknown): TabCookie {
  const fields = readFields(value, "cookie");
  const sameSites: readonly SameSite[] = ["unspecified", "lax", "strict", "no_restriction"];
  const recognised = readOptional(fields, "recognised", readNested);
  return {
    id: readText(fields, "id"),
    name: readText(fields, "name"),
    value: readText(fields, "value"),
    domain: readText(fields, "domain"),
    hostOnly: readFlag(fields, "hostOnly"),
    path: readText(fields, "path"),
    secure: readFlag(fields, "secure"),
    httpOnly: readFlag(fields, "httpOnly"),
    sameSite: readChoice(fields, "sameSite", sameSites),
    expiresAt: readOptional(fields, "expiresAt", readNumber),
    storeId: readText(fields, "storeId"),
    partitionKey: readOptional(fields, "partitionKey", readPartition),
    recognised: recognised && {
      framework: readText(recognised, "framework"),
      role: readChoice(recognised, "role", ["session", "auth", "csrf"]),
    },
  };
}

function readCookie(fields: Fields, name: string): TabCookie {
  return parseCookie(fields[name]);
}

function readNested(fields: Fields, name: string): Fields {
  return readFields(fields[name], name);
}

function readPartition(fields: Fields, name: string): PartitionKey {
  const partition = readFields(fields[name], name);
  const topLevelSite = readOptional(partition, "topLevelSite", readText);
  const hasCrossSiteAncestor = readOptional(partition, "hasCrossSiteAncestor", readFlag);
  return {
    ...(topLevelSite !== null && { topLevelSite }),
    ...(hasCrossSiteAncestor !== null && { hasCrossSiteAncestor }),
  };
}
