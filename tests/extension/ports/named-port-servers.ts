/** Servers on the port that a response named, honest and hostile, and the panel's port in front of them. */
import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { proofText, readChallenge } from "session-bridge/protocol";
import { expect, onTestFinished } from "vitest";
import { createBridge } from "../../../extension/ports/bridge.ts";
import { withFoundBridge } from "../../../extension/ports/find-bridge.ts";
import { createTokenStore } from "../../../extension/ports/tokens.ts";

export const TRACE = "A".repeat(22);
export const PAGE = "http://localhost:5173";
export const POSSESSION = { protocol: 1, cookie: "httponly-value" };
export const HELLO = {
  protocol: 1,
  library: { name: "session-bridge", version: "1" },
  engine: "db",
  cookieNames: ["sessionid"],
  capabilities: ["prove", "read"],
  serverTime: 1,
  process: "p1",
};

/** What one call brought. */
interface Heard {
  path: string;
  host: string;
  body: string;
  token: string | undefined;
  challenge: string | undefined;
}

export type Answer = (heard: Heard, response: ServerResponse) => void;

export const sendJson = (response: ServerResponse, status: number, body: object) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

/** Adds the right proof for these trace ids. */
function prove(ids: readonly string[], { challenge }: Heard, response: ServerResponse): void {
  const asked = readChallenge(challenge ?? "");
  const id = ids.find((each) => createHash("sha256").update(each).digest("base64url") === asked?.digest);
  if (asked === null || id === undefined) return;
  const proof = createHmac("sha256", id).update(proofText(asked.nonce)).digest("base64url");
  response.setHeader("session-bridge-proof", proof);
}

/** The bridge that made the trace. @param token required, if given */
export const honest =
  (ids: readonly string[] = [TRACE], token?: string): Answer =>
  (heard, response) => {
    prove(ids, heard, response);
    if (token !== undefined && heard.token !== token) {
      const code = heard.token === undefined ? "token-missing" : "token-wrong";
      sendJson(response, 403, { code, message: "A token.", protocol: 1 });
    } else
      sendJson(
        response,
        200,
        heard.path === "hello" ? HELLO : { serverTime: 1, found: false, reason: "unknown" },
      );
  };

/** Servers on ports of this machine; every other address answers 404, as an app without a bridge does. */
export async function open(answer: Answer) {
  const heard: Heard[] = [];
  const asked: string[] = [];
  /** What happens while the address with this number is called. */
  const during = { ask: (_count: number): void => {} };
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { "session-bridge-token": token, "session-bridge-challenge": challenge } = request.headers;
    const path = (request.url ?? "").split("/").at(-1) ?? "";
    const one = { path, host: String(request.headers["x-host"]), body };
    heard.push({ ...one, token: token?.toString(), challenge: challenge?.toString() });
    answer(heard.at(-1) as Heard, response); // it was just added
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const clock = { now: 0 };
  const stored = new Map<string, unknown>();
  const bridge = withFoundBridge(
    createBridge({
      async fetch(url, init) {
        const { origin, host, pathname } = new URL(url);
        asked.push(origin);
        during.ask(asked.length);
        if (!host.endsWith(`:${port}`)) return new Response("", { status: 404 });
        const headers = { ...Object.fromEntries(new Headers(init.headers)), "x-host": host };
        return fetch(`http://127.0.0.1:${port}${pathname}`, {
          method: "POST",
          body: init.body ?? "",
          headers,
          redirect: "manual",
        });
      },
      hasAccess: async () => true,
      tokens: createTokenStore({
        get: async (key) => (stored.has(key) ? { [key]: stored.get(key) } : {}),
        set: async (items) => Object.entries(items).forEach(([key, value]) => void stored.set(key, value)),
        remove: async (key) => void stored.delete(key),
      }),
      timeout: () => new AbortController().signal,
    }),
    () => clock.now,
  );
  const setAnswer = (next: Answer): void => {
    answer = next;
  };
  const hello = (origin = PAGE) => bridge.call(origin, "hello", { protocol: 1 });
  bridge.pageIs?.(PAGE);
  return { heard, asked, during, clock, bridge, hello, port, stored, setAnswer };
}

/** What must never have arrived anywhere. */
export function expectNothingGiven(heard: readonly Heard[]): void {
  for (const { path, body, token } of heard) {
    expect(path).toBe("hello");
    expect(body).toBe('{"protocol":1}');
    expect(token).toBeUndefined();
  }
}
