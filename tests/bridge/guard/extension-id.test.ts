/** `extensionId`: one extension is answered, others are told that they are not the one. */
import { afterEach, describe, expect, it } from "vitest";
import { call, EXTENSION_ORIGIN, rawCall, type Site, sendRaw, startSite, Visitor } from "../site.ts";

const OURS = "abcdefghijklmnopabcdefghijklmnop";
const THEIRS = "p".repeat(32);
const FIREFOX = "7c9f4b1e-aaaa-4bbb-8ccc-0123456789ab";
const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";

let site: Site;
afterEach(() => site?.close());

const ask = (origin: string, headers: Record<string, string> = {}) =>
  call(site, "hello", {}, { origin, ...headers });

describe("a bridge with an extension's id", () => {
  it("answers that extension", async () => {
    expect(EXTENSION_ORIGIN).toBe(`chrome-extension://${OURS}`);
    site = await startSite({ bridge: { extensionId: OURS } });
    expect((await ask(EXTENSION_ORIGIN)).status).toBe(200);
  });

  it("refuses every other, in any call, naming only the id that the caller has itself", async () => {
    site = await startSite({ bridge: { extensionId: [OURS] } });
    const visitor = new Visitor(site);
    await visitor.visit("/login", "POST");
    const calls = site.engineCalls();
    for (const [origin, id] of [
      [`chrome-extension://${THEIRS}`, THEIRS],
      [`moz-extension://${FIREFOX}`, FIREFOX],
    ] as const) {
      for (const name of ["hello", "session", "traces", "edit", "flush"]) {
        const { status, json, text } = await call(site, name, { cookie: visitor.cookie }, { origin });
        expect({ status, code: json.code }).toEqual({ status: 403, code: "extension" });
        expect(json.message).toContain(`${id} is not it`);
        expect(json.message).toContain("chrome://extensions");
        expect(json.message).toContain("about:debugging#/runtime/this-firefox");
        expect(text).not.toContain(OURS);
      }
    }
    expect(site.engineCalls()).toBe(calls);
  });

  it("accepts several, for one developer's browsers", async () => {
    site = await startSite({ bridge: { extensionId: [OURS, FIREFOX] } });
    expect((await ask(EXTENSION_ORIGIN)).status).toBe(200);
    expect((await ask(`moz-extension://${FIREFOX}`)).status).toBe(200);
    expect((await ask(`chrome-extension://${THEIRS}`)).status).toBe(403);
  });

  it("compares it exactly, and gives Chrome's id no meaning in Firefox", async () => {
    site = await startSite({ bridge: { extensionId: OURS } });
    for (const origin of [
      `moz-extension://${OURS}`,
      `chrome-extension://${OURS}x`,
      `chrome-extension://${OURS}://${OURS}`,
      `chrome-extension://${OURS}/`,
      `CHROME-EXTENSION://${OURS}`,
      OURS,
    ]) {
      expect((await ask(origin)).status, origin).toBe(404);
    }
  });

  it("refuses another before it checks the token", async () => {
    site = await startSite({ bridge: { extensionId: OURS, token: TOKEN } });
    const headers = { "session-bridge-token": TOKEN };
    expect((await ask(`chrome-extension://${THEIRS}`, headers)).json).toMatchObject({ code: "extension" });
    expect((await ask(EXTENSION_ORIGIN)).json).toMatchObject({ code: "token-missing" });
    expect((await ask(EXTENSION_ORIGIN, headers)).status).toBe(200);
  });

  it("still answers the command line, which has the token and no Origin", async () => {
    site = await startSite({ bridge: { extensionId: OURS, token: TOKEN } });
    const lines = ["Host: localhost", "Content-Type: application/json", `Session-Bridge-Token: ${TOKEN}`];
    expect(await sendRaw(site.port, rawCall("hello", lines))).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe("an invalid id", () => {
  it.each([
    `chrome-extension://${OURS}`,
    OURS.toUpperCase(),
    OURS.slice(1),
    `${OURS}\n`,
    "sessions-devtools@example.org",
    FIREFOX.toUpperCase(),
    `{${FIREFOX}}`,
    "*",
    [],
    [OURS, "*"],
  ])("is refused when the bridge opens, with where an id is found: %j", async (extensionId) => {
    await expect(startSite({ bridge: { extensionId } })).rejects.toThrow(
      /extensionId takes extension ids: .*chrome:\/\/extensions.*about:debugging/,
    );
  });
});
