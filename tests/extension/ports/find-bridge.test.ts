/** Loopback ports that may have a bridge for a site: which are called for which page, and what they are sent (T30). */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createBridge } from "../../../extension/ports/bridge.ts";
import { withFoundBridge } from "../../../extension/ports/find-bridge.ts";
import { createTokenStore } from "../../../extension/ports/tokens.ts";

const HELLO = {
  protocol: 1,
  library: { name: "Django", version: "5.2" },
  engine: "db",
  cookieNames: ["__Host-sessionid"],
  capabilities: ["prove", "read"],
  serverTime: 1,
  process: "p1",
};
const POSSESSION = { protocol: 1, cookie: "httponly-secure-value" };

/**
 * A listener that claims to read for `claims`, on the loopback ports 4780x until it is `down`; the sites themselves have
 * no bridge. `asked` collects every origin that is called, even if nothing listens there.
 */
async function open(claims: string[]) {
  const heard: { port: string; body: string; token: string | undefined }[] = [];
  const asked: string[] = [];
  const listener = { down: false };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const token = request.headers["session-bridge-token"];
    heard.push({ port: String(request.headers["x-port"]), body, token: token?.toString() });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ ...HELLO, serves: claims }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port: real } = server.address() as AddressInfo; // it listens on TCP
  const stored = new Map<string, unknown>();
  const bridge = createBridge({
    async fetch(url, init) {
      const { hostname, origin, port, pathname } = new URL(url);
      asked.push(origin);
      const isListener = hostname === "127.0.0.1" && port.startsWith("4780") && !listener.down;
      if (!isListener) return new Response("", { status: 404 });
      const headers = { ...Object.fromEntries(new Headers(init.headers)), "x-port": port };
      return fetch(`http://127.0.0.1:${real}${pathname}`, { method: "POST", body: init.body ?? "", headers });
    },
    hasAccess: async () => true,
    tokens: createTokenStore({
      get: async (key) => (stored.has(key) ? { [key]: stored.get(key) } : {}),
      set: async (items) => Object.entries(items).forEach(([key, value]) => void stored.set(key, value)),
      remove: async (key) => void stored.delete(key),
    }),
    timeout: () => new AbortController().signal,
  });
  return { heard, asked, listener, bridge: withFoundBridge(bridge) };
}

describe("a listener on this machine that claims a site", () => {
  it.each([
    "https://shop.example",
    "http://shop.example",
    "http://127.evil.test",
    "http://localhost.evil.test",
    "https://localhost:8443",
  ])("is sent nothing for %s", async (site) => {
    const { heard, asked, bridge } = await open([site]);
    bridge.pageIs?.(site);
    expect(await bridge.call(site, "hello", { protocol: 1 })).toMatchObject({ ok: false });
    await bridge.call(site, "session", POSSESSION);
    expect(heard).toEqual([]);
    expect(asked).toEqual([site, site]);
  });

  it("is not called for a local server whose image a remote page shows", async () => {
    const { heard, bridge } = await open(["http://localhost:3000"]);
    bridge.pageIs?.("https://evil.example");
    await bridge.call("http://localhost:3000", "hello", { protocol: 1 });
    expect(heard).toEqual([]);
  });

  it("is called at the user's request: only that port, only for that origin", async () => {
    const site = "https://shop.example";
    const { heard, asked, bridge } = await open([site]);
    bridge.pageIs?.(site);
    bridge.allowPort?.(site, 47_803);
    bridge.allowPort?.(site, 22);
    expect(await bridge.call(site, "hello", { protocol: 1 })).toMatchObject({ ok: true });
    expect(asked).toEqual([site, "http://127.0.0.1:47803"]);
    expect(heard.map(({ port }) => port)).toEqual(["47803"]);
    expect(bridge.placeOf?.(site)).toBe("http://127.0.0.1:47803");
    bridge.pageIs?.("https://other.example");
    await bridge.call("https://other.example", "hello", { protocol: 1 });
    expect(heard).toHaveLength(1);
  });

  it("is called for a local page, and sent no token", async () => {
    const site = "http://localhost:8000";
    const { heard, bridge } = await open([site]);
    bridge.pageIs?.(site);
    await bridge.useToken?.(site, "a-token-for-the-site");
    expect(await bridge.call(site, "hello", { protocol: 1 })).toMatchObject({ ok: true });
    await bridge.call(site, "session", POSSESSION);
    expect(heard.at(-1)?.body).toContain(POSSESSION.cookie);
    expect(heard.flatMap(({ token }) => token ?? [])).toEqual([]);
  });

  it("stands in for the site while it responds", async () => {
    const site = "http://localhost:8000";
    const { listener, bridge } = await open([site]);
    bridge.pageIs?.(site);
    await bridge.call(site, "hello", { protocol: 1 });
    expect(bridge.placeOf?.(site)).toMatch(/^http:\/\/127\.0\.0\.1:4780\d$/);
    listener.down = true;
    expect(await bridge.call(site, "hello", { protocol: 1 })).toMatchObject({ ok: false });
    expect(bridge.placeOf?.(site)).toBe(site);
  });

  it("is no longer used once another page is open", async () => {
    const site = "http://localhost:8000";
    const { heard, bridge } = await open([site]);
    bridge.pageIs?.(site);
    await bridge.call(site, "hello", { protocol: 1 });
    const before = heard.length;
    bridge.pageIs?.("http://localhost:9000");
    await bridge.call(site, "session", POSSESSION);
    expect(heard).toHaveLength(before);
    expect(bridge.placeOf?.(site)).toBe(site);
  });
});
