/**
 * Sessions that are carried whole in the cookie, by libraries that keep nothing on the server: read with their secret,
 * followed through incoming and outgoing cookies, never written.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ObservedSession, Observer } from "../../core/observers/observer.ts";
import { valueOfPossession } from "../../protocol/possession.ts";
import { decodeText } from "../../protocol/secrets/index.ts";
import type { Mismatches, Proof, Source } from "../source.ts";
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
  issuedBy(response: ServerResponse, shown: string): string | null;
  /** The raw value, after the library's check of a signature in a second cookie; null if that is wrong. */
  valueOf(possession: string): string | null;
}

/** What differs between libraries. */
interface CookieSourceOptions {
  /** The library's name on npm. */
  library: string;
  cookieName: string;
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
  const isSealed = signature === undefined;
  const why = signature !== undefined && "why" in signature ? signature.why : null;
  const signed = signature === undefined || "why" in signature ? null : signature;
  const reader = signed ?? sealedCookie(cookieName);
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
      return () => {
        observer = null;
      };
    },
    follow(request, response) {
      if (!observer) return;
      const settled = () => compare?.({ request, response });
      quietly(() => followCookie({ observer, request, response, cookieName, reader, look, settled }));
    },
  };
}

/** The cookie of a library that seals its value. */
function sealedCookie(name: string): CookieReader {
  return {
    shownBy: ({ headers }) => readFirstCookie(headers.cookie, name),
    issuedBy: (response) => readSetCookie(response, name)?.value ?? null,
    valueOf: valueOfPossession,
  };
}

interface Following {
  observer: Observer | null;
  request: IncomingMessage;
  response: ServerResponse;
  cookieName: string;
  reader: CookieReader;
  look(possession: string): Promise<ObservedSession | null>;
  /** Called when the response's head is settled. */
  settled(): void;
}

/** Opens the incoming and the outgoing cookie; the app waits for neither. */
function followCookie(following: Following): void {
  const { observer, request, response, cookieName, reader, look, settled } = following;
  const observation = observer?.opened(factsOf(request, "cookie"));
  if (!observation) return;
  const shown = reader.shownBy(request);
  const before = look(shown);
  before.then((session) => {
    if (shown === "") return;
    observation.operation("load", 0, session ? undefined : UNOPENED);
    observation.loaded(session);
  });
  const tell = async () => {
    const cookie = readSetCookie(response, cookieName)?.observed ?? null;
    const issued = cookie === null ? null : reader.issuedBy(response, shown);
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
      conflictKeys: [],
      ...(cameUnopened || wentUnopened ? { incomplete: "unopened" as const } : {}),
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
