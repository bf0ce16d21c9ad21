/**
 * Sessions that are carried whole in the cookie, by libraries that keep nothing on the server: read with their secret,
 * followed through incoming and outgoing cookies, never written.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Observation, ObservedSession, Observer } from "../../core/observers/observer.ts";
import type { Joining } from "../../protocol/messages.ts";
import { valueOfPossession } from "../../protocol/possession.ts";
import { decodeText } from "../../protocol/secrets/index.ts";
import type { Mismatches, Proof, Source } from "../source.ts";
import { watchCalls } from "./app-calls.ts";
import { isRepeated, nameOfIssued, readChunkedCookie, readIssuedChunks } from "./chunked-cookie.ts";
import { factsOf, quietly, watchResponse } from "./follow-request.ts";
import { readFirstCookie } from "./request-cookie.ts";
import { readSetCookie } from "./set-cookie.ts";
import type { SignedCookie } from "./signed-cookie.ts";

/** Why a load found nothing: the bridge cannot open the cookie. Whether the app can is not known here. */
const UNOPENED = "not opened by the bridge";

/** The contents of a cookie. */
export interface OpenedCookie {
  json: string;
  expiresAtMs: number | null;
}

/** How a library's cookies are read from requests and responses, and which of them are its own. */
interface CookieReader {
  shownBy(request: IncomingMessage): string;
  /** What the client shows after this response; null if the response did not set the cookie. */
  issuedBy(response: ServerResponse, shown: string, request: IncomingMessage): string | null;
  /** Name of the cookie whose Set-Cookie line says what a response does to the session. */
  issuedName(response: ServerResponse): string;
  /** True if it is not known which of several values the library reads. Absent: it reads the first. */
  isUnclear?(request: IncomingMessage): boolean;
  /** The raw value, after the library's check of a signature in a second cookie; null if that is wrong. */
  valueOf(possession: string): string | null;
}

/** What differs between libraries. */
interface CookieSourceOptions {
  /** The library's name on npm. */
  library: string;
  cookieName: string;
  /** How the library reads chunks, if it can split a long cookie into them. Absent: it cannot. */
  chunks?: Joining;
  /** True: it always splits a cookie that would be too long. Default: only if the app wants it, or never. */
  splits?: boolean;
  /** The signature in a second cookie, or why there is none to check. Absent: the value itself is sealed. */
  signature?: SignedCookie | { why: string };
  /** What requests show about the settings. Absent: this cannot be known. */
  mismatches?: Mismatches;
  /** Called when a response's head is settled, to compare the settings. It must not throw. */
  compare?(exchange: { request: IncomingMessage; response: ServerResponse }): void;
  /** Opens a cookie's value; null if the secret does not fit or it is not a session. It may throw. */
  open(value: string): Promise<OpenedCookie | null>;
}

/** A source for sessions that are in their cookies. Capabilities: read and traces. */
export function cookieSource(options: CookieSourceOptions): Source {
  const { library, cookieName, signature, mismatches, compare, open } = options;
  let observer: Observer | null = null;
  const running = new AsyncLocalStorage<Observation>();
  const isSealed = signature === undefined;
  const why = signature !== undefined && "why" in signature ? signature.why : null;
  const signed = signature === undefined || "why" in signature ? null : signature;
  const reader =
    signed !== null
      ? { ...signed, issuedName: () => cookieName }
      : options.chunks !== undefined
        ? chunkedCookie(cookieName, options.chunks)
        : sealedCookie(cookieName);
  const openValue = async (value: string): Promise<ObservedSession | null> => {
    const opened = value === "" ? null : await open(isSealed ? decodeText(value) : value).catch(() => null);
    return opened && { key: value, stored: value, ...opened };
  };
  const look = async (possession: string) => openValue(reader.valueOf(possession) ?? "");
  const keyOf = async (possession: string) => (await look(possession))?.key ?? null;
  const proof: Proof = why === null ? { by: "signature", keyOf } : { by: "nothing", why };
  return {
    library: { name: library, version: "" },
    engine: library,
    cookieNames: [cookieName],
    ...(signed === null ? {} : { signatureNames: [signed.signatureName] }),
    ...(options.chunks === undefined ? {} : { chunked: options.chunks }),
    proof,
    ...(mismatches === undefined ? {} : { mismatches }),
    cookiesRepeat: !isSealed,
    capabilities: ["read", "traces"],
    async read(key) {
      const found = await openValue(key);
      if (!found) return { found: false, reason: "tampered" };
      return { found: true, view: { ...found, atBrowserClose: found.expiresAtMs === null, ageSeconds: 0 } };
    },
    observe(given) {
      observer = given;
      const stop = watchCalls(library, ({ name, key }) => {
        if (name === "write") running.getStore()?.wrote(key);
      });
      return () => {
        if (observer === given) observer = null; // another bridge may observe the same source by now
        stop();
      };
    },
    follow(request, response) {
      if (!observer) return;
      const settled = () => compare?.({ request, response });
      const began = (observation: Observation) => running.enterWith(observation);
      const splits = (sent: string) => options.splits === true || sent !== cookieName;
      quietly(() => followCookie({ observer, request, response, reader, look, splits, began, settled }));
    },
  };
}

/** The cookie of a library that seals its value. */
function sealedCookie(name: string): CookieReader {
  return {
    shownBy: ({ headers }) => readFirstCookie(headers.cookie, name),
    issuedBy: (response) => readSetCookie(response, name)?.value ?? null,
    issuedName: () => name,
    valueOf: valueOfPossession,
  };
}

/** The same, in one cookie or in several. */
function chunkedCookie(name: string, joining: Joining): CookieReader {
  return {
    shownBy: ({ headers }) => readChunkedCookie(headers.cookie, name, joining),
    issuedBy: (response, _shown, { headers }) => readIssuedChunks(response, headers.cookie, name, joining),
    issuedName: (response) => nameOfIssued(response, name),
    // both libraries that split cookies read the last in Next's `cookies()`, and the first elsewhere
    isUnclear: ({ headers }) => isRepeated(headers.cookie, name),
    valueOf: valueOfPossession,
  };
}

interface Following {
  observer: Observer | null;
  request: IncomingMessage;
  response: ServerResponse;
  reader: CookieReader;
  look(possession: string): Promise<ObservedSession | null>;
  /** True if the library splits a long cookie, given the name of one that it sets. */
  splits(sent: string): boolean;
  /** Called before the app sees the request. */
  began(observation: Observation): void;
  /** Called when the response's head is settled. */
  settled(): void;
}

/** Opens the incoming and the outgoing cookie; the app waits for neither. */
function followCookie(following: Following): void {
  const { observer, request, response, reader, look, splits, began, settled } = following;
  const observation = observer?.opened(factsOf(request, "cookie"));
  if (!observation) return;
  began(observation);
  const shown = reader.shownBy(request);
  const isUnclear = reader.isUnclear?.(request) === true;
  const before = isUnclear ? Promise.resolve(null) : look(shown);
  before.then((session) => {
    if (shown === "" || isUnclear) return;
    observation.operation("load", 0, session ? undefined : UNOPENED);
    observation.loaded(session);
  });
  const tell = async () => {
    const cookie = readSetCookie(response, reader.issuedName(response))?.observed ?? null;
    const issued = cookie === null ? null : reader.issuedBy(response, shown, request);
    const [loaded, after] = await Promise.all([before, look(issued ?? "")]);
    const cameUnopened = shown !== "" && loaded === null;
    const wentUnopened = cookie?.action === "set" && after === null;
    if (cookie?.action === "deleted") observation.operation("flush", 0);
    // the app may be able to open what the bridge cannot
    else if (cookie) observation.operation(shown === "" ? "create" : "save", 0);
    const kept = cookie === null ? loaded : after;
    observation.ended({
      status: response.statusCode,
      accessed: cookie !== null || loaded !== null,
      modified: cookie !== null,
      after: kept,
      unsaved: null,
      cookie,
      splits: cookie !== null && splits(cookie.name),
      conflictKeys: [],
      ...(cameUnopened || wentUnopened
        ? { incomplete: isUnclear ? ("other" as const) : ("unopened" as const) }
        : {}),
    });
  };
  watchResponse(
    response,
    () => {
      void tell().catch(() => {}); // `look` never rejects, and the recorder itself reports what it cannot keep
      settled();
    },
    () => {},
  );
}
