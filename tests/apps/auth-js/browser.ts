/** A browser that keeps all cookies of one site, and logs in and out at Auth.js as its pages do. */

import { readTraceId } from "../../sources/panel-client.ts";
import { PASSWORD } from "./users.ts";

/** What one request was answered. */
export interface Answer {
  status: number;
  /** Every header line except `session-trace` and `date`, in order. */
  headers: [string, string][];
  /** The id in `session-trace`; empty if there is none. */
  trace: string;
  body: string;
}

/** One visitor. */
export class Browser {
  readonly jar = new Map<string, string>();
  readonly #base: string;
  readonly #headers: Record<string, string>;

  /** @param headers sent with every request, as a proxy in front of the site would */
  constructor(base: string, headers: Record<string, string> = {}) {
    this.#base = base;
    this.#headers = headers;
  }

  /** Sends one request, and keeps the cookies of its answer. */
  async ask(path: string, body?: Record<string, unknown>): Promise<Answer> {
    const answer = await this.send(path, body);
    this.keep(answer);
    return answer;
  }

  /** Sends one request with the cookies that the jar has now; the answer's cookies are not kept. */
  async send(path: string, body?: Record<string, unknown>): Promise<Answer> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(new URL(path, this.#base), {
      method: body === undefined ? "GET" : "POST",
      redirect: "manual",
      headers: {
        ...this.#headers,
        ...(cookie === "" ? {} : { cookie }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const trace = readTraceId(response);
    const headers = [...response.headers].filter(([name]) => !["session-trace", "date"].includes(name));
    return { status: response.status, headers, trace, body: await response.text() };
  }

  /** Keeps the cookies of an answer, as they arrive now. */
  keep({ headers }: Answer): void {
    for (const [name, line] of headers) {
      if (name !== "set-cookie") continue;
      const [pair = "", ...attributes] = line.split(";");
      const at = pair.indexOf("=");
      const isOver = attributes.some((one) => /^ *(max-age=0|expires=thu, 01 jan 1970.*)$/i.test(one));
      if (isOver) this.jar.delete(pair.slice(0, at));
      else this.jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }

  /** The session cookie as a panel shows it for Auth.js: the whole one, then its chunks. */
  possess(name: string): string {
    let joined = this.jar.get(name) ?? "";
    for (let index = 0; this.jar.has(`${name}.${index}`); index += 1)
      joined += this.jar.get(`${name}.${index}`);
    return joined;
  }

  /** The token that every form of Auth.js carries. */
  async csrf(): Promise<string> {
    const { csrfToken }: { csrfToken: string } = JSON.parse((await this.ask("/api/auth/csrf")).body);
    return csrfToken;
  }

  /** Logs in by name and password. */
  async logIn(username: string, more: Record<string, unknown> = {}): Promise<Answer> {
    const csrfToken = await this.csrf();
    return this.ask("/api/auth/callback/credentials", { csrfToken, username, password: PASSWORD, ...more });
  }

  async logOut(): Promise<Answer> {
    return this.ask("/api/auth/signout", { csrfToken: await this.csrf() });
  }

  /** Has the app write to its session, as `useSession().update(data)` does. */
  async update(data: unknown): Promise<Answer> {
    return this.ask("/api/auth/session", { csrfToken: await this.csrf(), data });
  }
}
