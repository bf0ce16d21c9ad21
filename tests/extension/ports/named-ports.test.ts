/** The port that a response named: who is called there, and what they receive before they have proven that they made it (T43). */
import { readChallenge } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import {
  type Answer,
  expectNothingGiven,
  HELLO,
  honest,
  open,
  PAGE,
  POSSESSION,
  sendJson,
  TRACE,
} from "./named-port-servers.ts";

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
