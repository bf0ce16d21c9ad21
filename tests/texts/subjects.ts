/**
 * Every function of ours that reads a string from elsewhere, in a form to which a test can pass any string. It is
 * loaded as counted code only (`count-steps.ts`).
 */
import type { ServerResponse } from "node:http";
import { recognise } from "../../extension/background/recognise.ts";
import { mayNameSession } from "../../extension/logic/candidates.ts";
import { decodeCookie } from "../../extension/logic/decoders/decode.ts";
import { FORMATS, recogniseFormat } from "../../extension/logic/formats/formats.ts";
import { readHistoryEntries } from "../../extension/logic/history/history-entries.ts";
import { exportHistory } from "../../extension/logic/history/history-file.ts";
import type { History } from "../../extension/logic/history/history-visitor.ts";
import { differences, pathText } from "../../extension/logic/json/difference.ts";
import type { Sliced } from "../../extension/logic/slices.ts";
import { readCookieNames, readSetCookies, readTrace } from "../../extension/messages/headers.ts";
import { foreignForwarding } from "../../server-bridge/src/bridge/guard/forwarded-clients.ts";
import { forwardingHeader } from "../../server-bridge/src/bridge/guard/forwarding-headers.ts";
import { namedHost } from "../../server-bridge/src/bridge/guard/hosts.ts";
import {
  createLookBudget,
  redactJson,
  redactPath,
  safeName,
} from "../../server-bridge/src/bridge/redaction/redact.ts";
import { changesBetween, readEntries } from "../../server-bridge/src/bridge/traces/changes.ts";
import { addVaryCookie, formatCookie, parseCookies } from "../../server-bridge/src/core/django/cookie.ts";
import { cache } from "../../server-bridge/src/core/engines/cache.ts";
import { readSessionCookie } from "../../server-bridge/src/core/request/cookie-candidates.ts";
import { createSessions } from "../../server-bridge/src/core/sessions.ts";
import { readChallenge } from "../../server-bridge/src/protocol/challenge.ts";
import { splitPossession, valueOfPossession } from "../../server-bridge/src/protocol/possession.ts";
import { findSecrets, hideAddress, namesSecret } from "../../server-bridge/src/protocol/secrets/index.ts";
import { readMarkEnd, readTraceHeader } from "../../server-bridge/src/protocol/trace-header.ts";
import { unsignConnectId, unsignFastifyId } from "../../server-bridge/src/sources/foreign/connect-cookie.ts";
import { readFirstCookie, readKoaCookie } from "../../server-bridge/src/sources/foreign/request-cookie.ts";
import { readSetCookie } from "../../server-bridge/src/sources/foreign/set-cookie.ts";
import { historyOf } from "./history-of.ts";

/** Something that reads strings. */
export interface Subject {
  name: string;
  /** Reads it; returns how many characters were read, since a string can be passed several times and with others. */
  read(text: string): Promise<number>;
}

const digest = (value: string): string => value.slice(0, 1);
const marks = { part: () => "part", value: () => "value" };

/** The string as JSON: itself if it is JSON, otherwise a session that contains it whole and in parts. */
function toJson(text: string): string {
  return isJson(text) ? text : JSON.stringify({ text, fields: partsOf(text, 40).map(toField) });
}

function toField(value: string): object {
  return { name: "note", value, [value]: [value.length] };
}

function partsOf(text: string, length: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += length) parts.push(text.slice(at, at + length));
  return parts;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The same JSON except for one letter or digit in the middle. */
function toOther(json: string): string {
  const middle = json.length >> 1;
  const at = json.slice(middle).search(/[0-9a-z]/);
  const other = `${json.slice(0, middle + at)}1${json.slice(middle + at + 1)}`;
  return at !== -1 && isJson(other) ? other : `[${json}]`;
}

function finish<T>(work: Sliced<T>): void {
  while (work.next().done !== true);
}

function redact(json: string): Given {
  redactJson(json, { digest, late: () => false, budget: createLookBudget() });
  redactJson(json, { digest, late: () => false, budget: { left: json.length * 2 } });
  return new Given(json.length * 2);
}

/** A response that sets this cookie. */
function responseWith(line: string): ServerResponse {
  // the reader uses nothing else of a response
  return { getHeader: () => [line] } as unknown as ServerResponse;
}

/** One with written headers, like Fastify's. */
function headWith(head: string): ServerResponse {
  return { getHeader: () => undefined, _header: head } as unknown as ServerResponse; // as above
}

/** Reads a string. Its result is ignored, except for `Given`. */
type Read = (text: string) => unknown;

/** For a reader that gets something other than the string: how many characters it got. */
class Given {
  readonly letters: number;

  constructor(letters: number) {
    this.letters = letters;
  }
}

const REDACTION: Record<string, Read> = {
  "secrets in a text": findSecrets,
  "a session's data": (text) => redact(toJson(text)),
  "a path": (text) => redactPath(text, digest),
  "an address": (text) => hideAddress(text, marks),
  "an address of a site": (text) => hideAddress(`https://shop.example/${text}`, marks),
  "a name": (text) => [safeName(text, digest), namesSecret(text)],
};

const NO_HOSTS: ReadonlySet<string> = new Set();
const ID = "g73RO49wj2zVXzCmedkJJQ";

const SESSIONS = createSessions({ secretKey: "key", engine: cache("memory:") });
const named = (cookieName: string) => ({ ...SESSIONS, settings: { ...SESSIONS.settings, cookieName } });

const COOKIES: Record<string, Read> = {
  "Cookie, by Django's rules": (text) => readSessionCookie(named("sessionid"), text),
  "Cookie, for a name that it repeats": (text) => readSessionCookie(named(text.slice(0, 3)), text),
  "Cookie, every one": parseCookies,
  "Cookie, by npm's rules": (text) => [readFirstCookie(text, "sid"), readKoaCookie(text, text.slice(0, 3))],
  "Cookie, its names": (text) => readCookieNames([text]),
  "Set-Cookie": (text) => readSetCookie(responseWith(text), "sid"),
  "Set-Cookie, of ours": (text) => readSetCookie(responseWith(`sid=${text}`), "sid"),
  "Set-Cookie, in a head": (text) => readSetCookie(headWith(text), "sid"),
  "Set-Cookie, in the browser": (text) => readSetCookies([text]),
  "Set-Cookie, as it is written": (text) => formatCookie("sid", text, {}),
  Vary: addVaryCookie,
  "signed cookies": (text) => [unsignConnectId(`s:${text}`, ["key"]), unsignFastifyId(text, ["key"])],
  proofs: (text) => [splitPossession(text, "sid.sig"), valueOfPossession(text)],
  "Host and names of headers": (text) => [namedHost(["host", text]), forwardingHeader([text, text])],
  "Session-Trace": (text) => [
    readTraceHeader(text),
    readTraceHeader(`v=1;id=${ID}${text}`),
    readMarkEnd(text),
  ],
  "a challenge": (text) => [readChallenge(text), readChallenge(`${text.slice(0, 43)}.${text}`)],
  "clients that a proxy names": (text) => {
    for (const name of ["x-forwarded-for", "x-forwarded-host", "forwarded", text])
      foreignForwarding([name, text, "forwarded", `for="${text}";host=${text}`], NO_HOSTS);
    return new Given(12 * text.length);
  },
  "headers in the browser": (text) =>
    readTrace([
      { name: text, value: text },
      { name: "session-trace", value: text },
    ])?.id ?? null,
};

const FORMS: Record<string, Read> = {
  "what a pasted text is": recogniseFormat,
  ...Object.fromEntries(
    FORMATS.map(({ name, read }) => [`a pasted text as ${name}`, (text) => finish(read(text, "localhost"))]),
  ),
  "whose a cookie is": (text) => recognise(text, text),
  "what a cookie holds": (text) => decodeCookie({ name: "s", value: text, siblings: [] }),
  "what a cookie's chunks hold": (text) => {
    const half = text.length >> 1;
    const sibling = { name: "s.1", value: text.slice(half) };
    return decodeCookie({ name: "s.0", value: text.slice(0, half), siblings: [sibling] });
  },
  "what names a session": mayNameSession,
  "a saved history": (text) => finish(readHistoryEntries(text)),
};

const DIFFERENCE: Record<string, Read> = {
  "of a session in the panel": (text) => {
    const json = toJson(text);
    const found = differences(json, toOther(json));
    for (const { path } of found) pathText(path);
    differences(json, ` ${json}`);
    differences(null, json);
    return new Given(5 * json.length);
  },
  "of a trace on the server": (text) => {
    const json = toJson(text);
    changesBetween(readEntries(json), readEntries(toOther(json)));
    changesBetween(readEntries(json), readEntries(json.replaceAll(",", ", ")));
    return new Given(4 * json.length);
  },
};

const EXPORT: Record<string, Read> = {
  "of a history that holds the text": (text) => exportOf(historyOf([text], toJson)),
  "of a history that holds its parts": (text) =>
    exportOf(historyOf(partsOf(text, Math.max(200, text.length >> 8)), toJson)),
};

/** All of them, by the part of the product that they belong to. */
export const subjects: Record<string, readonly Subject[]> = {
  redaction: toSubjects(REDACTION),
  cookies: toSubjects(COOKIES),
  forms: toSubjects(FORMS),
  difference: toSubjects(DIFFERENCE),
  export: toSubjects(EXPORT),
};

function toSubjects(table: Record<string, Read>): Subject[] {
  return Object.entries(table).map(([name, read]) => ({
    name,
    async read(text) {
      const result = await read(text);
      return result instanceof Given ? result.letters : text.length;
    },
  }));
}

function exportOf(history: History): Given {
  exportHistory(history, new Date(0));
  return new Given(JSON.stringify(history).length);
}

/** Exports a history of its own rows. */
export function exportRows(history: History): void {
  exportHistory(history, new Date(0));
}
