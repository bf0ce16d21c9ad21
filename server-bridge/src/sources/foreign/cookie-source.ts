/**
 * Sessions that the cookie carries whole, of libraries that keep nothing on the server: read with their secret, followed
 * by what comes in and what goes out, never written.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { readCookie } from "../../core/django/cookie.ts";
import type { ObservedSession, Observer } from "../../core/observers/observer.ts";
import type { Source } from "../source.ts";
import { decodeValue } from "./connect-cookie.ts";
import { factsOf, quietly, watchResponse } from "./follow-request.ts";
import { readSetCookie } from "./set-cookie.ts";

/** What a cookie holds. */
export interface OpenedCookie {
  json: string;
  expiresAtMs: number | null;
}

/** What differs from library to library. */
interface CookieSourceOptions {
  /** The library's name on npm. */
  library: string;
  cookieName: string;
  /** Opens a cookie's value, percent-decoded; null when the secret does not fit or it is no session. Never throws. */
  open(value: string): Promise<OpenedCookie | null>;
}

/** A source whose sessions are in their cookies. Capabilities: read and traces. */
export function cookieSource({ library, cookieName, open }: CookieSourceOptions): Source {
  let observer: Observer | null = null;
  const look = async (cookie: string): Promise<ObservedSession | null> => {
    const opened = cookie === "" ? null : await open(decodeValue(cookie)).catch(() => null);
    return opened && { key: cookie, stored: cookie, ...opened };
  };
  return {
    library: { name: library, version: "" },
    engine: library,
    cookieNames: [cookieName],
    capabilities: ["read", "traces"],
    keyOf: (cookie) => (cookie === "" ? null : cookie),
    async read(cookie) {
      const found = await look(cookie);
      if (!found) return { found: false, reason: cookie === "" ? "no-cookie" : "tampered" };
      return { found: true, view: { ...found, atBrowserClose: found.expiresAtMs === null, ageSeconds: 0 } };
    },
    observe(given) {
      observer = given;
      return () => {
        observer = null;
      };
    },
    follow(request, response) {
      if (observer) quietly(() => followCookie({ observer, request, response, cookieName, look }));
    },
  };
}

interface Following {
  observer: Observer | null;
  request: IncomingMessage;
  response: ServerResponse;
  cookieName: string;
  look(cookie: string): Promise<ObservedSession | null>;
}

/** Opens what came and what goes; the app waits for neither. */
function followCookie({ observer, request, response, cookieName, look }: Following): void {
  const observation = observer?.opened(factsOf(request));
  const sent = readFirst(request.headers.cookie, cookieName);
  if (!observation) return;
  const before = look(sent);
  before.then((session) => {
    if (sent === "") return;
    observation.operation("load", 0, session ? undefined : "tampered");
    observation.loaded(session);
  });
  const tell = async () => {
    const set = readSetCookie(response, cookieName);
    const cookie = set?.observed ?? null;
    const [loaded, after] = await Promise.all([before, look(set?.value ?? "")]);
    if (cookie?.action === "deleted") observation.operation("flush", 0);
    else if (cookie) observation.operation(loaded ? "save" : "create", 0);
    const kept = cookie === null ? loaded : after;
    observation.ended({
      status: response.statusCode,
      accessed: cookie !== null || loaded !== null,
      modified: cookie !== null,
      after: kept,
      unsaved: null,
      cookie,
      conflictKeys: [],
    });
  };
  watchResponse(
    response,
    () => void tell().catch(() => {}), // `look` never rejects, and the recorder says itself what it cannot keep
    () => {},
  );
}

/** The request's cookie, or empty. Of several with one name these libraries take the first; Django takes the last. */
function readFirst(header: string | undefined, name: string): string {
  const pair = header?.split(";").find((piece) => piece.trimStart().startsWith(`${name}=`));
  return readCookie(pair, name) ?? "";
}
