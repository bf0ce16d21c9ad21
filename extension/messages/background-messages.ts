/**
 * The messages between the extension's pages and the background, with a parser for each direction.
 *
 * Every question can be asked twice without harm: the background may be stopped between question and answer, and then the
 * question is sent again.
 */
import { finite, flag, oneOf, type Reader, record } from "session-bridge/protocol";
import { anyText, anything, listOf, orAbsent, shapeBy, toParser } from "./message-parser.ts";
import { readCookie, type TabCookie } from "./tab-cookie.ts";

/**
 * A page's question to the background. `urls` are addresses of the tab's frames as the panel knows them. The background asks the
 * browser which page contains them: a frame's address may be forged by the page.
 */
export type Question =
  /** A recorder's first question: observe the requests of its tab. */
  | { ask: "watch"; tabId: number }
  /** The address of the tab's page as the browser reports it; null without access to its host. */
  | { ask: "page-address"; tabId: number }
  | { ask: "list-cookies"; tabId: number; urls: string[] }
  | { ask: "write-cookie"; tabId: number; cookie: TabCookie; replaces: TabCookie | null }
  | { ask: "remove-cookie"; tabId: number; cookie: TabCookie }
  | { ask: "preview-close"; tabId: number; urls: string[] }
  | { ask: "close"; tabId: number; cookies: TabCookie[] }
  | { ask: "restore-cookies"; tabId: number; cookies: TabCookie[] }
  | { ask: "has-access"; origin: string }
  | { ask: "open-options"; tabId: number; origin: string };

/** The background's answer: the result, or one sentence about why there is none. */
export type Answer = { ok: true; answer: unknown } | { ok: false; error: string };

/** What the background reports to every open page. */
export type Notice =
  | { notice: "cookies-changed" }
  | { notice: "access-changed" }
  /** A tab started to show another page, or now shows it. */
  | { notice: "page-changed"; tabId: number }
  /** Asks whether a tab's recorder is still there; only the recorder answers `true`. */
  | { notice: "roll-call"; tabId: number };

const tabId = finite;
const urls = listOf(anyText);
const cookies = listOf(readCookie);

/** Checks a question. Throws `MessageError`. */
export const parseQuestion = toParser(
  "question",
  shapeBy<"ask", Question>("ask", {
    watch: record({ ask: oneOf("watch"), tabId }),
    "page-address": record({ ask: oneOf("page-address"), tabId }),
    "list-cookies": record({ ask: oneOf("list-cookies"), tabId, urls }),
    "write-cookie": record({
      ask: oneOf("write-cookie"),
      tabId,
      cookie: readCookie,
      replaces: orAbsent(readCookie),
    }),
    "remove-cookie": record({ ask: oneOf("remove-cookie"), tabId, cookie: readCookie }),
    "preview-close": record({ ask: oneOf("preview-close"), tabId, urls }),
    close: record({ ask: oneOf("close"), tabId, cookies }),
    "restore-cookies": record({ ask: oneOf("restore-cookies"), tabId, cookies }),
    "has-access": record({ ask: oneOf("has-access"), origin: anyText }),
    "open-options": record({ ask: oneOf("open-options"), tabId, origin: anyText }),
  }),
);

const answer: Reader<Answer> = (value, place) => {
  const { ok, answer, error } = record<{ ok: boolean; answer: unknown; error: unknown }>({
    ok: flag,
    answer: anything,
    error: anything,
  })(value, place);
  return ok ? { ok, answer } : { ok, error: anyText(error, `${place}.error`) };
};

/** Checks an answer. Throws `MessageError`; only the asker knows what `answer` contains. */
export const parseAnswer = toParser("answer", answer);

const checkNotice = toParser(
  "notice",
  shapeBy<"notice", Notice>("notice", {
    "cookies-changed": record({ notice: oneOf("cookies-changed") }),
    "access-changed": record({ notice: oneOf("access-changed") }),
    "page-changed": record({ notice: oneOf("page-changed"), tabId }),
    "roll-call": record({ notice: oneOf("roll-call"), tabId }),
  }),
);

/** Checks a notice; null for messages that are not notices. Throws `MessageError` for a notice of another version. */
export function parseNotice(value: unknown): Notice | null {
  return typeof value === "object" && value !== null && "notice" in value ? checkNotice(value) : null;
}
