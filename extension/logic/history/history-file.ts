/**
 * The panel's history as a file to keep or to send: requests, traces and cookies, with every secret replaced.
 *
 * What counts as a secret: cookie values, session keys, query values, and session values under names that say so.
 * The same secret has the same stand-in throughout, so that a reader still sees which requests share a session.
 */
import { type Json, type JsonNode, parseJson, stringOf, type Trace } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import { createPseudonyms, type Pseudonyms, replaceDeep, type SecretKind } from "./pseudonyms.ts";

export const HISTORY_FORMAT = "sessions-devtools-history";
const HISTORY_VERSION = 1;

interface History {
  requests: readonly NetworkRequest[];
  traces: readonly Trace[];
  cookies: readonly TabCookie[];
}

export interface HistoryExport {
  /** The file's text. */
  text: string;
  /** For the preview: how many secrets of each kind were replaced. */
  replaced: Record<SecretKind, number>;
}

/** Members whose texts are the format's own words, by the name of what holds them: a secret may be spelled alike. */
const WORDS: ReadonlySet<string> = new Set([
  ".format",
  ".exportedAt",
  "requests.id",
  "requests.method",
  "requests.type",
  "requests.traceId",
  "traces.id",
  "traces.origin",
  "request.method",
  "changes.kind",
  "operations.name",
  "cookie.action",
  "findings.code",
  "cookies.sameSite",
  "recognised.framework",
  "recognised.role",
]);

const SECRET_NAME =
  /pass|secret|token|auth|csrf|api.?key|credential|card|cvv|iban|otp|hash|signature|private/i;

/** The history as JSON text without secrets. `exportedAt` is written into it. */
export function exportHistory(history: History, exportedAt: Date): HistoryExport {
  const pseudonyms = createPseudonyms();
  learnAll(history, pseudonyms);
  const file = {
    format: HISTORY_FORMAT,
    version: HISTORY_VERSION,
    exportedAt: exportedAt.toISOString(),
    requests: history.requests.map((request) => ({ ...request, url: hideQuery(request.url) })),
    traces: history.traces,
    cookies: history.cookies,
  };
  // A round trip through JSON gives a plain Json value, without undefined members.
  const plain: Json = JSON.parse(JSON.stringify(file));
  const replaced = replaceDeep(plain, pseudonyms, (parent, name) => WORDS.has(`${parent}.${name}`));
  return { text: JSON.stringify(replaced, null, 2), replaced: pseudonyms.count() };
}

/** Reads such a file back for looking at, or says what is wrong with it. */
export function parseHistory(text: string): History | { problem: string } {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    return { problem: `This is not JSON: ${error instanceof Error ? error.message : error}` };
  }
  const found: Record<string, unknown> = typeof file === "object" && file !== null ? { ...file } : {};
  if (found["format"] !== HISTORY_FORMAT)
    return { problem: "This file is not a history of the Sessions tab." };
  if (found["version"] !== HISTORY_VERSION)
    return {
      problem: `This history is of version ${found["version"]}; this panel reads ${HISTORY_VERSION}.`,
    };
  const { requests, traces, cookies } = found;
  if (!Array.isArray(requests) || !Array.isArray(traces) || !Array.isArray(cookies))
    return { problem: "The history is cut short: a list is missing." };
  return { requests, traces, cookies };
}

function learnAll({ requests, traces, cookies }: History, pseudonyms: Pseudonyms): void {
  for (const cookie of cookies) pseudonyms.learn(cookie.value, "cookie");
  for (const line of requests.flatMap(({ setCookies }) => setCookies)) {
    const value = /^[^=;]*=([^;]*)/.exec(line)?.[1]?.trim().replace(/^"|"$/g, "");
    if (value) pseudonyms.learn(value, "cookie");
  }
  for (const request of requests) {
    for (const value of readQuery(request.url).values()) pseudonyms.learn(value, "secret");
  }
  for (const side of traces.flatMap(({ before, after }) => [before, after])) {
    if (!side) continue;
    pseudonyms.learn(side.key, "key");
    learnData(side.dataJson, pseudonyms);
  }
}

/** Notes the texts below names that say they are secret. */
function learnData(json: string, pseudonyms: Pseudonyms): void {
  const parsed = parseJson(json);
  if (!parsed.ok) return;
  const open: { node: JsonNode; secret: boolean }[] = [{ node: parsed.root, secret: false }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, secret } = next;
    if (node.kind === "string" && secret) pseudonyms.learn(stringOf(json, node), "secret");
    const inner = node.items.map((item, index) => ({
      node: item,
      secret: secret || SECRET_NAME.test(node.keys[index] ?? ""),
    }));
    open.push(...inner.reverse());
  }
}

function readQuery(url: string): URLSearchParams {
  return URL.canParse(url) ? new URL(url).searchParams : new URLSearchParams();
}

function hideQuery(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  for (const name of new Set(parsed.searchParams.keys())) parsed.searchParams.set(name, "…");
  parsed.username = "";
  parsed.password = "";
  parsed.hash = "";
  return parsed.href;
}
