/**
 * A `Request` and its response as sources of other libraries see them: with the few members of Node's objects that
 * following a request needs.
 */
import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";

/** One request, followed. */
interface FetchFace {
  /** What the source knows the request by. */
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The response's head is known. */
  settled(response: Response): void;
  /** The app threw instead of answering. */
  failed(): void;
}

/** The face of a request that has not been answered. @param target path and query */
export function createFetchFace(request: Request, target: string): FetchFace {
  const face = new ResponseFace();
  const headers = { cookie: request.headers.get("cookie") ?? undefined };
  return {
    // sources read no other members: `follow-request.ts`, `request-cookie.ts` and `set-cookie.ts` are all that look
    request: { method: request.method, url: target, headers } as IncomingMessage,
    response: face as unknown as ServerResponse,
    settled(response) {
      face.statusCode = response.status;
      face.lines = readLines(response);
      face.end();
      face.emit("close");
    },
    failed() {
      face.statusCode = 500;
      face.end();
      face.emit("close");
    },
  };
}

/** Its Set-Cookie lines. The app may answer with another package's Response, whose headers have no `getSetCookie`. */
function readLines({ headers }: Response): string[] {
  const read: unknown = Reflect.get(Object(headers), "getSetCookie");
  return typeof read === "function" ? Reflect.apply(read, headers, []) : [];
}

class ResponseFace extends EventEmitter {
  statusCode = 200;
  lines: string[] = [];

  /** Sources wrap this, to learn when the head is settled. */
  end(): this {
    return this;
  }

  getHeader(name: string): string[] | undefined {
    return name === "set-cookie" && this.lines.length > 0 ? this.lines : undefined;
  }
}
