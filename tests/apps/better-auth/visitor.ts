/** A browser of a Better Auth app: it keeps cookies and sends JSON. */
import type { Trace } from "session-bridge/protocol";
import { call, readTraces } from "../../sources/panel-client.ts";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: unknown;
}

/** One visitor with their own cookies. */
export interface Visitor {
  base: string;
  jar: Map<string, string>;
  get(path: string): Promise<Answer>;
  post(path: string, body?: object): Promise<Answer>;
  /** The raw value of their session cookie; empty if there is none. */
  cookie(): string;
}

const COOKIE = "better-auth.session_token";

/** @param cookieName of the session */
export function visitorOf(base: string, cookieName = COOKIE): Visitor {
  const jar = new Map<string, string>();
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { origin: base, "content-type": "application/json", ...(cookie && { cookie }) };
    const response = await fetch(base + path, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const at = pair.indexOf("=");
      if (attributes.some((text) => /max-age=0/i.test(text))) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };
  return {
    base,
    jar,
    get: (path) => send(path, { method: "GET" }),
    post: (path, body = {}) => send(path, { method: "POST", body: JSON.stringify(body) }),
    cookie: () => jar.get(cookieName) ?? "",
  };
}

/** What the tab reads for a cookie. */
export async function readSession(base: string, cookie: string) {
  return (await call(base, "session", { protocol: 1, cookie })).answer;
}

/** The session that the tab reads; it fails if there is none. */
export async function readFound(base: string, cookie: string) {
  const answer = await readSession(base, cookie);
  if (!answer.found) throw new Error(`there is no session: ${answer.reason}`);
  return { ...answer.session, data: JSON.parse(answer.session.dataJson) as Record<string, unknown> }; // an object, by protocol
}

/** The traces of a cookie's session, up to the request with this path. */
export async function tracesUntil(base: string, cookies: string[], path: string): Promise<Trace[]> {
  return readTraces(base, cookies, (traces) => traces.some((trace) => trace.request.path === path));
}

/** Short: `create`, `load (unknown key)`. */
export function operationsOf(trace: Trace | undefined): string[] {
  return (trace?.operations ?? []).map(({ name, reason }) => (reason ? `${name} (${reason})` : name));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
