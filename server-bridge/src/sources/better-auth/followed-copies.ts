/**
 * Remembers the copy of its session that each client has in a cookie, from the requests and responses of this process: a
 * row that is gone may still be accepted from there.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { LRUCache } from "lru-cache";
import { readChunkedCookie, readIssuedChunks } from "../foreign/chunked-cookie.ts";
import { quietly, watchResponse } from "../foreign/follow-request.ts";
import { readFirstCookie } from "../foreign/request-cookie.ts";
import { readSetCookie } from "../foreign/set-cookie.ts";

/** Clients whose copies are kept; the oldest are forgotten first. */
const MAX_COPIES = 200;
/** Characters of a copy: what fits into a request's headers. */
const MAX_LENGTH = 16_384;

/** The names of both cookies, and what the first one proves. */
interface CopyCookies {
  cookieName: string;
  copyName: string;
  /** The token in a raw cookie value; null if the library would not accept it. */
  tokenOf(cookie: string): string | null;
}

/** The copies that clients have. */
interface FollowedCopies {
  follow(request: IncomingMessage, response: ServerResponse, cookies: CopyCookies): void;
  /** The copy that the client with this session has, unchecked; undefined if it has none. */
  of(token: string): string | undefined;
}

/** No copies yet. */
export function followCopies(): FollowedCopies {
  const copies = new LRUCache<string, string>({ max: MAX_COPIES });
  const keep = (token: string | null, copy: string) => {
    if (token === null) return;
    if (copy === "" || copy.length > MAX_LENGTH) copies.delete(token);
    else copies.set(token, copy);
  };
  return {
    of: (token) => copies.get(token),
    follow(request, response, { cookieName, copyName, tokenOf }) {
      quietly(() => {
        const { cookie } = request.headers;
        const shown = tokenOf(readFirstCookie(cookie, cookieName));
        keep(shown, readChunkedCookie(cookie, copyName));
        const settled = () => {
          const set = readSetCookie(response, cookieName);
          const token = set === null ? shown : tokenOf(set.value);
          const copy = readIssuedChunks(response, cookie, copyName);
          if (copy !== null) keep(token ?? shown, copy);
        };
        watchResponse(response, settled, () => {});
      });
    },
  };
}
