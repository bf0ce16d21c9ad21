/** DNS rebinding (T1): only names that clearly belong to this machine reach the bridge. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, createServer } from "node:http2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXTENSION_ORIGIN, rawCall, type Site, sendRaw, startSite } from "../site.ts";

/** With a token the tripwire leaves the bridge open, so each line below tests only the Host check. */
const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";

const near = (...hosts: string[]) => [
  ...hosts.map((host) => `Host: ${host}`),
  `Origin: ${EXTENSION_ORIGIN}`,
  "Content-Type: application/json",
  `Session-Bridge-Token: ${TOKEN}`,
];

const FOREIGN = [
  "evil.com",
  "evil.com:3000",
  "localhost.evil.com",
  "localhost-evil.com",
  "evil-localhost",
  "notlocalhost",
  "127.0.0.1.nip.io",
  "127.0.0.1.evil.com:80",
  "localtest.me",
  "lvh.me",
  "localhost.",
  "LOCALHOST.",
  "a.localhost.",
  "127.0.0.1.",
  ".localhost",
  "a..localhost",
  "-a.localhost",
  "a_b.localhost",
  "0.0.0.0",
  "0",
  "127.1",
  "127.0.1",
  "127.0.0.01",
  "127.0.0.256",
  "127.0.0.1.1",
  "0177.0.0.1",
  "0x7f.0.0.1",
  "2130706433",
  "10.0.0.1",
  "192.168.1.5:3000",
  "169.254.169.254",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::]",
  "[0:0:0:0:0:0:0:1]",
  "[::1%lo]",
  "::1",
  "[::1",
  "[::1].evil.com",
  "[fe80::1]",
  "localhost:99999",
  "localhost:",
  "localhost:80:80",
  "localhost:abc",
  "user@localhost",
  "localhost@evil.com",
  "localhost evil.com",
  "localhost,evil.com",
  "localhost/evil",
  "localhost#",
  "localhоst",
  "xn--localhst-sbh",
  "app.test",
  "",
];

const OWN = [
  "localhost",
  "localhost:3000",
  "LocalHost:3000",
  "127.0.0.1",
  "127.0.0.1:65535",
  "127.1.2.3",
  "[::1]",
  "[::1]:3000",
  "shop.localhost:3000",
  "a.b.localhost",
];

describe("the Host of a call", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite({ bridge: { token: TOKEN } });
  });
  afterAll(() => site.close());

  for (const host of OWN) {
    it(`may be ${host}`, async () => {
      expect(await sendRaw(site.port, rawCall("hello", near(host)))).toMatch(/^HTTP\/1.1 200 /);
    });
  }

  for (const host of FOREIGN) {
    it(`may not be ${JSON.stringify(host)}: the app answers, the store is not called`, async () => {
      const calls = site.engineCalls();
      const answer = await sendRaw(site.port, rawCall("session", near(host), '{"protocol":1,"cookie":"k"}'));
      expect(answer).toMatch(/^HTTP\/1.1 40[04] /);
      expect(answer).not.toContain("protocol");
      expect(site.engineCalls()).toBe(calls);
    });
  }

  it("may not come twice, in either order", async () => {
    for (const hosts of [
      ["localhost", "evil.com"],
      ["evil.com", "localhost"],
      ["localhost", "localhost"],
    ]) {
      expect(await sendRaw(site.port, rawCall("hello", near(...hosts)))).toMatch(/^HTTP\/1.1 40[04] /);
    }
  });

  it("may not be left out", async () => {
    expect(await sendRaw(site.port, rawCall("hello", near()))).toMatch(/^HTTP\/1.1 400 /);
  });

  it("does not count when the request target names another host", async () => {
    const target = rawCall("hello", near("localhost")).replace("POST /", "POST http://localhost/");
    expect(await sendRaw(site.port, target)).toMatch(/^HTTP\/1.1 404 /);
  });
});

describe("the :authority of HTTP/2", () => {
  /** Sends a request over HTTP/2 with these headers; returns the status. */
  async function ask(headers: Record<string, string>, allowRemote = false): Promise<number> {
    const site = await startSite({ bridge: { token: TOKEN, allowRemote } });
    const server = createServer((request, response) => {
      const next = () => response.writeHead(404).end();
      // the compatibility API has every method of node:http's that the bridge calls
      site.bridge?.(request as unknown as IncomingMessage, response as unknown as ServerResponse, next);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const session = connect(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
    try {
      const sent = { ":method": "POST", ":path": "/__sessions/v1/hello", origin: EXTENSION_ORIGIN };
      const more = { "content-type": "application/json", "session-bridge-token": TOKEN };
      const stream = session.request({ ...sent, ...more, ...headers });
      stream.end('{"protocol":1}');
      const [answer] = await once(stream, "response");
      stream.resume();
      return Number(answer[":status"]);
    } finally {
      session.destroy();
      server.close();
      await site.close();
    }
  }

  it("is checked like a Host, and comes without one, as browsers send it: a proxy may send a Host", async () => {
    expect(await ask({ ":authority": "localhost:3000" })).toBe(200);
    expect(await ask({ ":authority": "localhost:3000", host: "localhost:3000" })).toBe(404);
    expect(await ask({ host: "localhost:3000" })).toBe(404);
    expect(await ask({ ":authority": "localhost:3000", host: "localhost:3000" }, true)).toBe(200);
    expect(await ask({ ":authority": "evil.com" })).toBe(404);
    expect(await ask({ ":authority": "localhost", host: "evil.com" })).toBe(404);
    expect(await ask({ ":authority": "evil.com", host: "localhost" })).toBe(404);
  });
});

describe("HTTP/2 over fetch", () => {
  it("is answered without a Host, as browsers send it, and not with one", async () => {
    const site = await startSite({ bridge: { token: TOKEN } });
    const facts = { peerAddress: "127.0.0.1", localPort: site.port, httpVersion: "2.0" };
    const status = async (url: string, more: Record<string, string>) => {
      const headers = {
        origin: EXTENSION_ORIGIN,
        "content-type": "application/json",
        "session-bridge-token": TOKEN,
      };
      const request = new Request(`${url}/__sessions/v1/hello`, {
        method: "POST",
        headers: { ...headers, ...more },
        body: '{"protocol":1}',
      });
      const answer = await site.bridge?.fetch(request, facts, () => new Response("app", { status: 404 }));
      return answer?.status;
    };
    try {
      expect(await status("https://localhost:3000", {})).toBe(200);
      expect(await status("https://localhost:3000", { host: "localhost:3000" })).toBe(404);
      expect(await status("https://evil.com", {})).toBe(404);
    } finally {
      await site.close();
    }
  });
});

describe("the option hosts", () => {
  it("adds more names, exactly", async () => {
    const site = await startSite({ bridge: { token: TOKEN, hosts: ["app.test"] } });
    try {
      expect(await sendRaw(site.port, rawCall("hello", near("app.test:3000")))).toMatch(/^HTTP\/1.1 200 /);
      expect(await sendRaw(site.port, rawCall("hello", near("APP.test")))).toMatch(/^HTTP\/1.1 200 /);
      for (const host of ["x.app.test", "app.test.evil.com", "app.test."]) {
        expect(await sendRaw(site.port, rawCall("hello", near(host)))).toMatch(/^HTTP\/1.1 404 /);
      }
    } finally {
      await site.close();
    }
  });

  it("accepts no pattern, port or address, and says how to write a name", async () => {
    for (const host of ["*.test", "app.test:3000", "http://app.test", "app.test/", "", ".", "..", "-", "_"]) {
      await expect(startSite({ bridge: { hosts: [host] } }), host).rejects.toThrow(
        "without scheme, port or wildcard",
      );
    }
  });
});

describe("the option hosts together with allowRemote", () => {
  /** What a client on another machine gets, whose request a proxy passed on: the status, and the refusal's code. */
  async function ask(
    bridge: { hosts?: string[]; allowRemote?: boolean },
    host: string,
    token: string | null = TOKEN,
  ): Promise<string> {
    const site = await startSite({ bridge: { token: TOKEN, ...bridge } });
    const headers = {
      origin: EXTENSION_ORIGIN,
      "content-type": "application/json",
      "x-forwarded-for": "203.0.113.7",
      ...(token === null ? {} : { "session-bridge-token": token }),
    };
    const request = new Request(`http://${host}/__sessions/v1/hello`, {
      method: "POST",
      headers: { ...headers, host },
      body: '{"protocol":1}',
    });
    const facts = { peerAddress: "203.0.113.7", localPort: site.port, httpVersion: "1.1" };
    const answer = await site.bridge?.fetch(request, facts, () => new Response("{}", { status: 404 }));
    await site.close();
    const refusal = answer === undefined ? null : (await answer.json()).code;
    return [answer?.status, refusal].filter(Boolean).join(" ");
  }
  const both = { hosts: ["shop.example"], allowRemote: true };

  it.each(["shop.example", "shop.example:8443", "SHOP.example"])(
    "answers a client elsewhere under %s",
    async (host) => {
      expect(await ask(both, host)).toBe("200");
    },
  );

  it.each(["localhost:3000", "127.0.0.1", "[::1]:3000", "app.localhost"])(
    "answers under %s too, which a proxy may put in its place",
    async (host) => {
      expect(await ask(both, host)).toBe("200");
    },
  );

  it.each(["other.example", "a.shop.example", "shop.example.evil.com", "10.0.0.5", "0.0.0.0"])(
    "does not answer under %s: the app does",
    async (host) => {
      expect(await ask(both, host)).toBe("404");
    },
  );

  it("still wants the token", async () => {
    expect(await ask(both, "shop.example", null)).toBe("403 token-missing");
    expect(await ask(both, "other.example", null)).toBe("404");
  });

  it("differs from each alone: without hosts every name will do, and without allowRemote no client elsewhere", async () => {
    expect(await ask({ allowRemote: true }, "other.example")).toBe("200");
    expect(await ask({ allowRemote: true, hosts: [] }, "other.example")).toBe("200");
    expect(await ask({ hosts: ["shop.example"] }, "shop.example")).toBe("404");
  });
});
