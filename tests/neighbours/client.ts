/** An HTTP client for both protocols that returns what was sent: every header, the decoded body, whether it was complete. */
import { type Agent, type IncomingMessage, request } from "node:http";
import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from "node:http2";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Protocol } from "./product.ts";

/** A response that takes longer counts as endless. */
const DEADLINE_MS = 5000;

/** What is requested, in addition to the path. */
export interface Question {
  /** Default GET. */
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** For keep-alive connections; over HTTP/1.1 only. */
  agent?: Agent;
  /** Called when the headers have arrived. */
  onHead?(): void;
  /** Called with the whole decoded text so far, whenever more has arrived. */
  onText?(text: string): void;
  /** Aborts when this many bytes of the body have arrived. */
  abortAfter?: number;
}

/** What was received. */
export interface Seen {
  status: number;
  /** Every value of every header, by its name in lower case. */
  headers: Record<string, string[]>;
  /** Decoded by `content-encoding`. */
  body: string;
  /** Null if the response was complete and its body could be decoded. */
  fault: string | null;
}

/** Sends requests to a server; over HTTP/2 on one connection, over HTTP/1.1 on one each. */
export interface Asker {
  ask(path: string, question?: Question): Promise<Seen>;
  close(): void;
}

/** A client of this server, with its protocol. */
export function createAsker(port: number, protocol: Protocol): Asker {
  return protocol === "HTTP/2" ? askByHttp2(port) : askByHttp1(port);
}

function askByHttp1(port: number): Asker {
  return {
    ask: (path, question = {}) =>
      withDeadline((resolve, reject) => {
        const { method = "GET", headers = {}, body } = question;
        const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
        const outgoing = request({
          ...{ port, path, method, host: "127.0.0.1", agent: question.agent ?? false },
          headers: { ...length, ...headers },
        });
        outgoing.once("error", reject);
        outgoing.once("response", (response: IncomingMessage) => {
          const named = toHeaders(pairsOf(response.rawHeaders));
          const leave = () => outgoing.destroy();
          resolve(read(response, response.statusCode ?? 0, named, question, leave));
        });
        outgoing.end(body);
        return () => outgoing.destroy();
      }),
    close: () => {},
  };
}

function askByHttp2(port: number): Asker {
  let session: ClientHttp2Session | null = null;
  const open = () => {
    if (session === null || session.closed || session.destroyed) {
      session = connect(`http://127.0.0.1:${port}`);
      session.on("error", () => {}); // each stream reports it, too
    }
    return session;
  };
  return {
    ask: (path, question = {}) =>
      withDeadline((resolve, reject) => {
        const { method = "GET", headers = {}, body } = question;
        const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
        const fields = { ":path": path, ":method": method, ...length, ...headers };
        const stream = open().request(fields, { endStream: body === undefined });
        stream.once("error", reject);
        stream.once("response", (given: IncomingHttpHeaders & { ":status"?: number }) => {
          const { ":status": status = 0, ...rest } = given;
          const named = toHeaders(Object.entries(rest).filter(([name]) => !name.startsWith(":")));
          const leave = () => stream.close(constants.NGHTTP2_CANCEL);
          resolve(read(stream, status, named, question, leave));
        });
        if (body !== undefined) stream.end(body);
        return () => stream.destroy();
      }),
    close: () => session?.destroy(),
  };
}

type Begin = (resolve: (seen: Promise<Seen>) => void, reject: (error: unknown) => void) => () => void;

function withDeadline(begin: Begin): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const stop = begin((seen) => seen.then(end(resolve), end(reject)), end(reject));
    const timer = setTimeout(() => {
      reject(new Error(`no answer, or none that ends, within ${DEADLINE_MS / 1000} s`));
      stop();
    }, DEADLINE_MS);
    function end<Value>(settle: (value: Value) => void): (value: Value) => void {
      return (value) => {
        clearTimeout(timer);
        settle(value);
      };
    }
  });
}

/** Reads the body. A response that breaks off is a fault in the result, not an error. */
function read(
  response: Readable,
  status: number,
  headers: Seen["headers"],
  { onHead, onText, abortAfter }: Question,
  leave: () => void,
): Promise<Seen> {
  onHead?.();
  return new Promise((resolve) => {
    let body = "";
    let raw = 0;
    const decoder = createDecoder(headers["content-encoding"]?.at(-1));
    const done = (fault: string | null) => resolve({ status, headers, body, fault });
    const take = (text: string) => {
      body += text;
      onText?.(body);
    };
    decoder?.setEncoding("utf8");
    decoder?.on("data", take);
    decoder?.once("end", () => done(null));
    decoder?.once("error", (error: Error) => done(`cannot be decoded: ${error.message}`));
    if (decoder === null) response.setEncoding("utf8");
    response.on("data", (chunk: Buffer | string) => {
      raw += chunk.length;
      if (decoder === null) take(String(chunk));
      else decoder.write(chunk);
      if (abortAfter === undefined || raw < abortAfter) return;
      leave();
      done("left");
    });
    response.once("end", () => {
      if (decoder === null || raw === 0) done(null);
      else decoder.end();
    });
    response.once("error", (error) => done(`broke off: ${error.message}`));
    response.once("aborted", () => done("broke off"));
  });
}

function createDecoder(encoding: string | undefined) {
  if (encoding === "gzip") return createGunzip();
  if (encoding === "br") return createBrotliDecompress();
  return encoding === "deflate" ? createInflate() : null;
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""]] : []));
}

function toHeaders(pairs: readonly [string, unknown][]): Seen["headers"] {
  const headers: Seen["headers"] = {};
  for (const [name, value] of pairs) {
    const values = Array.isArray(value) ? value.map(String) : [String(value)];
    headers[name.toLowerCase()] = [...(headers[name.toLowerCase()] ?? []), ...values];
  }
  return headers;
}

/** One visitor: sends back the last session cookie. */
export class Browser {
  readonly asker: Asker;
  cookie: string | undefined;

  constructor(asker: Asker) {
    this.asker = asker;
  }

  async ask(path: string, question: Question = {}): Promise<Seen> {
    const cookie = this.cookie === undefined ? {} : { cookie: this.cookie };
    const seen = await this.asker.ask(path, { ...question, headers: { ...cookie, ...question.headers } });
    for (const line of sessionCookies(seen)) {
      const [pair = "", ...attributes] = line.split("; ");
      this.cookie = attributes.includes("Max-Age=0") ? undefined : pair;
    }
    return seen;
  }
}

/** The lines that set the session's cookie. */
export function sessionCookies({ headers }: Seen): string[] {
  return (headers["set-cookie"] ?? []).filter((line) => line.startsWith("sessionid="));
}
