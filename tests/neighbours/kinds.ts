/** The kinds of response, as a client's requests, and what is compared in each. */
import { createHash } from "node:crypto";
import { type Asker, type Question, type Seen, sessionCookies } from "./client.ts";
import { AT_ONCE, EVENTS } from "./pages.ts";
import type { Client, KindName } from "./product.ts";
import { SIGNALS_HEADER, Signals } from "./signals.ts";

interface Kind {
  status: number;
  path: string;
  method?: string;
  headers?: Record<string, string>;
  /** Requested first, for its ETag. */
  knows?: true;
  abortAfter?: number;
}

/** By then a compressor has sent something. */
const ABORT_AFTER_BYTES = 1500;

/** The request for each kind, and its status without sessions. */
export const KIND: Readonly<Record<KindName, Kind>> = {
  "a small JSON": { status: 200, path: "/small" },
  "a large JSON": { status: 200, path: "/large" },
  events: { status: 200, path: "/events" },
  "events at once": { status: 200, path: `/events${AT_ONCE}` },
  "a piped stream": { status: 200, path: "/stream" },
  HEAD: { status: 200, path: "/large", method: "HEAD" },
  "304": { status: 304, path: "/large", knows: true },
  "a range": { status: 206, path: "/file", headers: { range: "bytes=100-1199" } },
  "an abort": { status: 200, path: "/endless", abortAfter: ABORT_AFTER_BYTES },
};

/** What is compared between an app with sessions and the same app without. */
export interface Observed {
  status: number;
  headers: Record<string, string[]>;
  /** Length and digest of the decoded body; of an aborted one, that it began as it should. */
  body: string;
  fault: string | null;
  /** What the page waited for, in order of arrival. */
  heard: readonly string[];
}

/** Headers that are not compared, with the reason. */
export const NOT_COMPARED: Readonly<Record<string, string>> = {
  date: "is the time of the answer",
};

/** The result of a request, with what the session added to it. */
export interface Asked {
  observed: Observed;
  /** The session's cookies that were set. */
  cookies: string[];
  vary: string[];
}

/** Requests one kind of response. */
export async function askFor(
  name: KindName,
  client: Client,
  asker: Asker,
  more: { random?: Readonly<Record<string, string>> | undefined } = {},
): Promise<Asked> {
  const { path, method = "GET", headers = {}, knows, abortAfter } = KIND[name];
  const accepts: Record<string, string> = client === "gzip" ? { "accept-encoding": "gzip" } : {};
  const known = knows ? await readEtag(asker, path, accepts) : {};
  const signals = new Signals();
  const question: Question = {
    method,
    headers: { ...accepts, ...headers, ...known, [SIGNALS_HEADER]: signals.id },
    onHead: () => signals.tell("head"),
    onText: (text) => {
      for (const event of EVENTS) if (text.includes(`part ${event}`)) signals.tell(`part ${event}`);
    },
    ...(abortAfter === undefined ? {} : { abortAfter }),
  };
  const seen = await asker.ask(path, question);
  if (abortAfter !== undefined) await signals.wait("closed");
  signals.forget();
  return {
    observed: observe(seen, signals.heard, more.random ?? {}),
    cookies: sessionCookies(seen),
    vary: toList(seen.headers["vary"]),
  };
}

async function readEtag(asker: Asker, path: string, headers: Record<string, string>) {
  const first = await asker.ask(path, { headers });
  return { "if-none-match": first.headers["etag"]?.[0] ?? "none" };
}

function observe(seen: Seen, heard: readonly string[], random: Readonly<Record<string, string>>): Observed {
  const headers: Observed["headers"] = {};
  for (const name of Object.keys(seen.headers).sort()) {
    if (name in NOT_COMPARED || name in random) continue;
    const values = withoutSession(name, seen.headers[name] ?? []);
    if (values.length > 0) headers[name] = values;
  }
  const { status, body, fault } = seen;
  const start = body.slice(0, 500);
  const digest = createHash("sha256")
    .update(fault === "left" ? start : body)
    .digest("hex")
    .slice(0, 12);
  const said = fault === "left" ? `begins with ${digest}` : `${body.length} characters, ${digest}`;
  return { status, headers, body: said, fault, heard };
}

/** The session adds to two headers: its cookie, and `Vary: Cookie`. */
function withoutSession(name: string, values: readonly string[]): string[] {
  if (name === "set-cookie") return values.filter((line) => !line.startsWith("sessionid="));
  if (name === "vary") return toList(values).filter((field) => field !== "cookie");
  return [...values];
}

function toList(values: readonly string[] = []): string[] {
  return values.flatMap((value) => value.toLowerCase().split(", ")).sort();
}
