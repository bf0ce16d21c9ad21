/** A visitor whose browser keeps cookies in a real jar (`tough-cookie`), by path and domain, and whose requests can take long. */
import { CookieJar } from "tough-cookie";
import { ask, type Question, type Seen } from "./client.ts";

/** A request that has left the browser with the cookies of that time. */
export interface Sent {
  /** The `Cookie` header that it carries. */
  readonly cookie: string;
  /** It reaches the server, which answers; the browser does not have the response yet. */
  arrive(): Promise<Seen>;
  /** The browser has the response, and keeps its cookies. */
  receive(seen: Seen): Promise<void>;
}

export class JarVisitor {
  readonly jar = new CookieJar();
  readonly #port: number;
  readonly #site: string;

  /** @param site the origin under which the browser knows the server */
  constructor(port: number, site = "http://shop.example.com") {
    this.#port = port;
    this.#site = site;
  }

  /** A whole request. */
  async ask(path: string, question: Question = {}): Promise<Seen> {
    const sent = await this.send(path, question);
    const seen = await sent.arrive();
    await sent.receive(seen);
    return seen;
  }

  async send(path: string, question: Question = {}): Promise<Sent> {
    const url = this.#site + path;
    const cookie = await this.jar.getCookieString(url);
    return {
      cookie,
      arrive: () => ask(this.#port, path, { cookie, ...question }),
      receive: async (seen) => {
        for (const line of seen.all("set-cookie")) await this.jar.setCookie(line, url);
      },
    };
  }

  /** Values of the session's cookies that a request to `path` would carry, in the header's order. */
  async keys(path: string): Promise<string[]> {
    const cookies = await this.jar.getCookies(this.#site + path);
    return cookies.filter(({ key }) => key === "sessionid").map(({ value }) => value);
  }

  /** A cookie that something else has set, as if by a response of `url`. */
  async plant(line: string, url = `${this.#site}/`): Promise<void> {
    await this.jar.setCookie(line, url);
  }
}
