/** An HTTP client that returns what was really sent, and keeps one visitor's cookies. */
import { request } from "node:http";
import { connect } from "node:net";

export interface Seen {
  status: number;
  body: string;
  /** Every value of a header, in order. */
  all(name: string): string[];
  /** The value of a header, or undefined. */
  get(name: string): string | undefined;
}

export interface Question {
  method?: string;
  cookie?: string | undefined;
  headers?: Record<string, string>;
  body?: string;
}

/** Sends one request, without keep-alive. */
export function ask(
  port: number,
  path: string,
  { method, cookie, headers, body }: Question = {},
): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const options = {
      port,
      path,
      host: "127.0.0.1",
      method: method ?? "GET",
      agent: false,
      headers: { ...headers, ...(cookie ? { Cookie: cookie } : {}) },
    };
    const outgoing = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const all = (name: string) =>
          response.rawHeaders.filter(
            (_, at) => at % 2 === 1 && response.rawHeaders[at - 1]?.toLowerCase() === name,
          );
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          all,
          get: (name) => (all(name).length === 0 ? undefined : all(name).join(", ")),
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** One browser: it sends back the last session cookie. */
export class Visitor {
  readonly #port: number;
  cookie: string | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async ask(path: string, question: Question = {}): Promise<Seen> {
    const seen = await ask(this.#port, path, { cookie: this.cookie, ...question });
    for (const line of seen.all("set-cookie")) {
      const [pair = "", ...attributes] = line.split("; ");
      if (!pair.startsWith("sessionid=")) continue;
      this.cookie = attributes.includes("Max-Age=0") ? undefined : pair;
    }
    return seen;
  }
}

/** The bytes of one response, sent as given: the request's text in, everything until the server closes out. */
export function exchangeBytes(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let bytes = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      bytes += chunk;
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(bytes));
  });
}
