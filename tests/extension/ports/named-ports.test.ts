/** The port that a response named: who is called there, and what they receive before they have proven that they made it (T43). */
import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { proofText, readChallenge } from "session-bridge/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { createBridge } from "../../../extension/ports/bridge.ts";
import { withFoundBridge } from "../../../extension/ports/find-bridge.ts";
import { createTokenStore } from "../../../extension/ports/tokens.ts";

const TRACE = "A".repeat(22);
const PAGE = "http://localhost:5173";
const POSSESSION = { protocol: 1, cookie: "httponly-value" };
const HELLO = {
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

type Answer = (heard: Heard, response: ServerResponse) => void;

const sendJson = (response: ServerResponse, status: number, body: object) => {
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
const honest =
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
async function open(answer: Answer) {
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
  );
  const setAnswer = (next: Answer): void => {
    answer = next;
  };
  const hello = (origin = PAGE) => bridge.call(origin, "hello", { protocol: 1 });
  bridge.pageIs?.(PAGE);
  return { heard, asked, during, bridge, hello, port, stored, setAnswer };
}

/** What must never have arrived anywhere. */
function expectNothingGiven(heard: readonly Heard[]): void {
  for (const { path, body, token } of heard) {
    expect(path).toBe("hello");
    expect(body).toBe('{"protocol":1}');
    expect(token).toBeUndefined();
  }
}

describe("the port that a response of the page named", () => {
  it("answers for the page once it has proven that it made the response", async () => {
    const { heard, asked, bridge, hello, port } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    expect(await hello()).toMatchObject({ ok: true, answer: { engine: "db" } });
    expect(bridge.placeOf?.(PAGE)).toBe(`http://localhost:${port}`);
    await bridge.call(PAGE, "session", POSSESSION);
    expect(heard.map(({ path }) => path)).toEqual(["hello", "session"]);
    expect(asked).toEqual([PAGE, `http://localhost:${port}`, `http://localhost:${port}`]);
  });

  it("is called under the page's own host name", async () => {
    for (const page of ["http://app.localhost:5173", "http://127.0.0.1:5173", "https://localhost:5173"]) {
      const { heard, bridge, hello, port } = await open(honest());
      bridge.pageIs?.(page);
      bridge.marked?.(page, TRACE, `;at=${port}`);
      expect(await hello(page)).toMatchObject({ ok: true });
      expect(heard[0]?.host).toBe(`${new URL(page).hostname}:${port}`);
    }
  });

  it("is called without asking the page's own address twice, and no other port is called", async () => {
    const { asked, bridge, hello, port } = await open(honest());
    expect(await hello()).toMatchObject({ ok: false });
    expect(asked.splice(0)).toHaveLength(5); // no trace was seen yet: the page, and the four ports of session-bridge django
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    expect(await hello()).toMatchObject({ ok: true });
    expect(asked).toEqual([`http://localhost:${port}`]);
  });

  it.each([
    ["a page that this machine does not serve", "http://app.test", ""],
    ["a page of another site", "https://shop.example", ""],
    ["a name that only looks like localhost", "http://localhost.evil.test", ""],
    ["another spelling of localhost", "http://0.0.0.0:5173", ""],
  ])("is not called for %s", async (_, page) => {
    const { heard, asked, bridge, hello, port } = await open(honest());
    bridge.pageIs?.(page);
    bridge.marked?.(page, TRACE, `;at=${port}`);
    expect(await hello(page)).toMatchObject({ ok: false });
    await bridge.call(page, "session", POSSESSION);
    expect(heard).toEqual([]);
    expect(asked).toEqual([page, page]);
  });

  it("is believed for the page's own origin only: a picture's or a frame's server names none", async () => {
    const { heard, bridge, hello, port } = await open(honest());
    bridge.marked?.("http://localhost:4000", TRACE, `;at=${port}`);
    await hello("http://localhost:4000");
    await hello();
    expect(heard).toEqual([]);
  });

  it("counts for the page on which it was named, not for the next one", async () => {
    const { heard, bridge, hello, port } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    bridge.pageIs?.("http://localhost:4000");
    bridge.pageIs?.(PAGE);
    heard.length = 0;
    expect(await hello()).toMatchObject({ ok: false });
    expect(heard).toEqual([]);
  });

  it("is left for a port that a later response names", async () => {
    const { bridge, hello, port } = await open(honest());
    bridge.marked?.(PAGE, TRACE, ";at=9");
    expect(await hello()).toMatchObject({ ok: false });
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    expect(await hello()).toMatchObject({ ok: true });
  });
});

describe("a hostile server on that port", () => {
  const refuses =
    (code: string): Answer =>
    (_, response) =>
      sendJson(response, 403, { code, message: "Give it to me.", protocol: 1 });
  const says =
    (headers: Record<string, string>): Answer =>
    (_, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      sendJson(response, 200, HELLO);
    };

  it.each<[what: string, answer: Answer]>([
    ["greets without a proof", says({})],
    [
      "sends the challenge back",
      (heard, response) => says({ "session-bridge-proof": heard.challenge ?? "" })(heard, response),
    ],
    ["sends an invented proof", says({ "session-bridge-proof": "A".repeat(43) })],
    ["sends two proofs", says({ "session-bridge-proof": `${"A".repeat(43)}, ${"A".repeat(43)}` })],
    ["knows another trace", honest(["B".repeat(22)])],
    ["asks for the token", refuses("token-missing")],
    ["says that the token is wrong", refuses("token-wrong")],
    ["says that it closed itself", refuses("proxied")],
    ["serves the page's origin", (_, response) => sendJson(response, 200, { ...HELLO, serves: [PAGE] })],
    ["redirects", (_, response) => void response.writeHead(307, { location: "/elsewhere" }).end()],
  ])("receives neither a cookie nor a token, and is not shown: it %s", async (_, answer) => {
    const { heard, bridge, hello, port, stored } = await open(answer);
    stored.set(`token:${PAGE}`, "the page's token");
    stored.set(`token:${PAGE} http://localhost:${port}`, "a token");
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    const result = await hello();
    expect(result).toMatchObject({ ok: false, problem: { kind: "absent", at: { why: "unproven" } } });
    await bridge.call(PAGE, "session", POSSESSION);
    const stream = bridge.traces(PAGE, request, new AbortController().signal)[Symbol.asyncIterator]();
    await expect(stream.next()).rejects.toMatchObject({ kind: "absent" }); // the page's own server
    expect(heard.length).toBeGreaterThan(0);
    expectNothingGiven(heard);
    expect(bridge.placeOf?.(PAGE)).toBe(PAGE);
  });

  const request = { protocol: 1, cookies: ["httponly-value"], ids: [TRACE], since: null, process: null };

  it("learns nothing from the challenge that helps with the next one", async () => {
    const { heard, bridge, hello, port } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    await hello();
    const [one, two] = heard.map(({ challenge }) => readChallenge(challenge ?? ""));
    expect(one?.nonce).not.toBe(two?.nonce);
    expect(JSON.stringify(heard)).not.toContain(TRACE);
  });

  it("has to prove itself again if it takes the port later", async () => {
    const { heard, bridge, hello, port, setAnswer } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    expect(await hello()).toMatchObject({ ok: true });
    setAnswer(says({}));
    heard.length = 0;
    expect(await hello()).toMatchObject({ ok: false, problem: { kind: "unproven" } });
    expectNothingGiven(heard);
  });
});

describe("a port that has proven itself", () => {
  const silent: Answer = (_, response) => sendJson(response, 200, HELLO); // no proof
  const request = { protocol: 1, cookies: ["httponly-value"], ids: [], since: null, process: null };

  it("receives nothing after a hello that it could not prove, until it can again", async () => {
    const { heard, bridge, hello, port, setAnswer } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    setAnswer(silent);
    expect(await hello()).toMatchObject({ problem: { kind: "unproven" } });
    heard.length = 0;
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ problem: { kind: "unproven" } });
    const stream = bridge.traces(PAGE, request, new AbortController().signal)[Symbol.asyncIterator]();
    await expect(stream.next()).rejects.toMatchObject({ kind: "unproven" });
    expectNothingGiven(heard);
    setAnswer(honest());
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ ok: true });
  });

  it("proves itself before each call while no stream is open: another program may have taken the port", async () => {
    const { heard, bridge, hello, port, setAnswer } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    await bridge.call(PAGE, "session", POSSESSION);
    setAnswer(silent);
    heard.length = 0;
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ problem: { kind: "unproven" } });
    expectNothingGiven(heard);
  });

  it("proves itself again after the stream from it has ended", async () => {
    const lines: Answer = (heard, response) => {
      if (heard.path !== "traces") return honest()(heard, response);
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.end(`${JSON.stringify({ type: "beat", serverTime: 1 })}\n`);
    };
    const { heard, bridge, hello, port, setAnswer } = await open(lines);
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    const stream = bridge.traces(PAGE, request, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await stream.next()).value).toMatchObject({ type: "beat" });
    for (let count = 0; count < 2; count += 1) await bridge.call(PAGE, "session", POSSESSION);
    expect(heard.map(({ path }) => path)).toEqual(["hello", "traces", "session", "session"]);
    expect((await stream.next()).done).toBe(true);
    setAnswer(silent);
    heard.length = 0;
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ ok: false });
    expectNothingGiven(heard);
  });

  it("stays the page's bridge when a response names another port, as long as it answers", async () => {
    const { heard, bridge, hello, port, setAnswer } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    bridge.marked?.(PAGE, "C".repeat(22), ";at=9");
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ ok: true });
    expect(await hello()).toMatchObject({ ok: true });
    expect(bridge.placeOf?.(PAGE)).toBe(`http://localhost:${port}`);
    expect(heard.every(({ host }) => host === `localhost:${port}`)).toBe(true);
    setAnswer(silent);
    expect(await hello()).toMatchObject({ problem: { kind: "unproven" } });
  });

  it("is left for the port that a later response names, once it no longer answers as itself", async () => {
    const first = await open(honest());
    const { bridge, hello, port, setAnswer, heard } = first;
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    bridge.marked?.(PAGE, "D".repeat(22), ";at=9");
    setAnswer(silent);
    const asked = first.asked.length;
    expect(await hello()).toMatchObject({ ok: false });
    expect(first.asked.slice(asked)).toEqual([`http://localhost:${port}`, "http://localhost:9"]);
    expectNothingGiven(heard);
  });

  it("is not kept for a page that was left while it was greeted", async () => {
    const { bridge, hello, port, setAnswer, heard } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    setAnswer((one, response) => {
      bridge.pageIs?.("http://localhost:4000");
      honest()(one, response);
    });
    await hello();
    heard.length = 0;
    await bridge.call(PAGE, "session", POSSESSION);
    expect(heard).toEqual([]);
  });

  it.each([
    ["the page's own address is", 1],
    ["the ports of session-bridge django are", 5],
  ])("is found if its trace is seen while %s called", async (_, calls) => {
    const { during, bridge, hello, port } = await open(honest());
    during.ask = (count) => {
      if (count === calls) bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    };
    expect(await hello()).toMatchObject({ ok: true });
  });
});

describe("a token for a bridge on another port than the page's", () => {
  it("is sent to that port for that page only, and only after the proof", async () => {
    const { heard, bridge, hello, port } = await open(honest([TRACE], "secret"));
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    expect(await hello()).toMatchObject({ ok: false, problem: { refusal: { code: "token-missing" } } });
    expect(bridge.placeOf?.(PAGE)).toBe(`http://localhost:${port}`);
    await bridge.useToken?.(PAGE, "secret");
    expect(await hello()).toMatchObject({ ok: true });
    expect(heard.map(({ token }) => token)).toEqual([undefined, undefined, "secret"]);
    await bridge.call(PAGE, "session", POSSESSION);
    expect(heard.at(-1)).toMatchObject({ path: "session", token: "secret" });

    heard.length = 0;
    const other = "http://localhost:4000";
    bridge.pageIs?.(other);
    bridge.marked?.(other, TRACE, `;at=${port}`);
    expect(await hello(other)).toMatchObject({ ok: false, problem: { refusal: { code: "token-missing" } } });
    expect(heard.map(({ token }) => token)).toEqual([undefined]);
  });
});
