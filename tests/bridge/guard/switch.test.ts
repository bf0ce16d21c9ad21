/** What closes the bridge (T33), and what never does (T32): about 2,000 requests, each sent for real. */
import { once } from "node:events";
import { createServer } from "node:https";
import { text as readText } from "node:stream/consumers";
import { connect as connectTls, type TlsOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  call,
  EXTENSION_ORIGIN,
  portOf,
  rawCall,
  type Site,
  type SiteOptions,
  sendRaw,
  startSite,
  Visitor,
} from "../site.ts";
import { proxiesRequests, silentClientsRequests } from "./distant-clients.ts";
import { localProxiesRequests } from "./local-proxies.ts";
import {
  FORWARDING_NAMES,
  HARMLESS_NAMES,
  strangersRequests,
  toWire,
  type WireRequest,
} from "./switch-requests.ts";

async function withSite(options: SiteOptions, use: (site: Site) => Promise<void>): Promise<void> {
  const site = await startSite(options);
  try {
    await use(site);
  } finally {
    await site.close();
  }
}

const isOpen = async (site: Site) => (await call(site, "hello")).status === 200;

describe("what a page of another site can make a browser send", () => {
  const requests = strangersRequests();
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());

  it(`never closes the bridge: ${requests.length} requests`, async () => {
    const closing: string[] = [];
    for (const request of requests) {
      await sendRaw(site.port, toWire(request));
      if (await isOpen(site)) continue;
      closing.push(request.what);
      await site.close();
      site = await startSite();
    }
    expect(closing).toEqual([]);
  }, 60_000);

  it("prints nothing on the terminal if the browser says that it comes from another site", async () => {
    await withSite({}, async (quiet) => {
      for (const request of requests.filter(({ lines }) =>
        lines.some((line) => /: (?:cross|same)-site$/.test(line)),
      )) {
        await sendRaw(quiet.port, toWire(request));
      }
      expect(quiet.lines).toHaveLength(1);
    });
  }, 60_000);

  it("does not hide a proxy: a request that is similar to a known one is still checked", async () => {
    for (const late of proxiesRequests().filter((_, index) => index % 5 === 0)) {
      await withSite({}, async (used) => {
        for (const request of requests.filter((_, index) => index % 12 === 0))
          await sendRaw(used.port, toWire(request));
        expect(await isOpen(used)).toBe(true);
        await sendRaw(used.port, toWire(late));
        expect(await isOpen(used), late.what).toBe(false);
      });
    }
  }, 60_000);
});

describe("what a proxy on this machine sends for its own browsers", () => {
  it.each(localProxiesRequests())(
    "leaves the bridge open, and is not answered as a call: $what",
    async (request) => {
      await withSite({}, async (site) => {
        await sendRaw(site.port, toWire(request));
        expect(await sendRaw(site.port, toCall(request))).toMatch(/^HTTP\/1\.1 40[04] /);
        expect(await isOpen(site)).toBe(true);
        expect(site.lines.filter((line) => line.includes("closed"))).toEqual([]);
      });
    },
  );
});

describe("what a proxy sends for clients that do not say where they come from", () => {
  const requests = silentClientsRequests();

  it(`never closes the bridge, and is not answered as a call: ${requests.length} requests`, async () => {
    await withSite({}, async (site) => {
      for (const request of requests) {
        await sendRaw(site.port, toWire(request));
        expect(await sendRaw(site.port, toCall(request)), request.what).toMatch(/^HTTP\/1\.1 40[04] /);
        expect(await isOpen(site), request.what).toBe(true);
      }
      expect(site.lines.filter((line) => line.includes("closed"))).toEqual([]);
    });
  }, 60_000);
});

describe("what a proxy with real clients sends", () => {
  it.each(proxiesRequests())("closes the bridge: $what", async (request) => {
    await withSite({}, async (site) => {
      const visitor = new Visitor(site);
      await visitor.visit("/login", "POST");
      await sendRaw(site.port, toWire(request));
      expect((await call(site, "hello")).json).toMatchObject({ code: "proxied" });
      expect((await call(site, "session", { cookie: visitor.cookie })).json).toMatchObject({
        code: "proxied",
      });
      expect(site.lines.filter((line) => line.includes("The bridge closed itself"))).toHaveLength(1);
    });
  });

  it.each(FORWARDING_NAMES)("is not answered as a call: one with %s goes to the app", async (name) => {
    await withSite({ bridge: { token: "Zk3v9x0q2LmN8pRtY5wBcD" } }, async (site) => {
      const headers = { "session-bridge-token": "Zk3v9x0q2LmN8pRtY5wBcD" };
      expect((await call(site, "hello", {}, { ...headers, [name]: "127.0.0.1" })).status).toBe(404);
      expect((await call(site, "hello", {}, headers)).status).toBe(200);
    });
  });
});

describe("what a browser on this machine sends", () => {
  const local: WireRequest[] = [
    ...HARMLESS_NAMES.map((name) => ({ what: name, lines: ["Host: localhost:3000", `${name}: 1`] })),
    {
      what: "a page's own post",
      lines: ["Host: localhost:3000", "Origin: http://localhost:3000", "Sec-Fetch-Site: same-origin"],
    },
    {
      what: "a development server that rewrites the Host",
      lines: ["Host: localhost:3000", "Origin: http://localhost:5173", "Sec-Fetch-Site: same-origin"],
    },
    {
      what: "the same over https",
      lines: ["Host: localhost:3000", "Origin: https://app.localhost:5173", "Sec-Fetch-Site: same-origin"],
    },
    {
      what: "the same under another spelling",
      lines: ["Host: localhost:3000", "Origin: http://localhost.:5173", "Sec-Fetch-Site: same-origin"],
    },
    {
      what: "an extension's page in Firefox",
      lines: [
        "Host: localhost:3000",
        "Origin: moz-extension://7c9f4b1e-aaaa-4bbb-8ccc-0123456789ab",
        "Sec-Fetch-Site: same-origin",
      ],
    },
    { what: "a name of one's own", lines: ["Host: app.test:3000"] },
    {
      what: "a page under a name of one's own",
      lines: ["Host: app.test:3000", "Origin: http://app.test:3000"],
    },
    {
      what: "a page that a flag of the browser trusts",
      lines: ["Host: app.test:3000", "Origin: http://app.test:3000", "Sec-Fetch-Site: same-origin"],
    },
  ].map((one) => ({ method: "GET", version: "1.1", ...one }));

  it.each(local)("leaves the bridge open: $what", async (request) => {
    await withSite({}, async (site) => {
      for (let count = 0; count < 2; count += 1) await sendRaw(site.port, toWire(request));
      expect(await isOpen(site)).toBe(true);
    });
  });

  it("leaves it open for a name in `hosts`, whatever is in between", async () => {
    const lines = ["Host: localhost:3000", "Origin: https://app.test:5173", "Sec-Fetch-Site: same-origin"];
    const request = { what: "", method: "POST", version: "1.1", lines };
    await withSite({ bridge: { hosts: ["app.test"] } }, async (site) => {
      await sendRaw(site.port, toWire(request));
      expect(await isOpen(site)).toBe(true);
    });
  });

  it("is checked again when only a value differs", async () => {
    const names = (origin: string) => ({
      what: "",
      method: "POST",
      version: "1.1",
      lines: ["Host: localhost:3000", `Origin: ${origin}`, "Sec-Fetch-Site: same-origin"],
    });
    await withSite({}, async (site) => {
      for (let count = 0; count < 3; count += 1)
        await sendRaw(site.port, toWire(names("http://localhost:3000")));
      expect(await isOpen(site)).toBe(true);
      await sendRaw(site.port, toWire(names("https://shop.example")));
      expect(await isOpen(site)).toBe(false);
    });
  });

  it("leaves it open for a name in `hosts` over https, if TLS ends in the app itself", async () => {
    await withSite({}, async (site) => {
      const server = createServer(PSK, (request, response) =>
        site.bridge?.(request, response, () => response.end("app")),
      );
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const lines = ["Host: app.test", "Origin: https://app.test", "Sec-Fetch-Site: same-origin"];
      expect(
        await askTls(portOf(server), toWire({ what: "", method: "GET", version: "1.1", lines })),
      ).toContain("app");
      server.close();
      expect(await isOpen(site)).toBe(true);
      await sendRaw(site.port, toWire({ what: "", method: "GET", version: "1.1", lines }));
      expect(await isOpen(site)).toBe(false);
    });
  });
});

/** A call of an extension, as a proxy passes it on that adds these lines. */
function toCall({ version, lines }: WireRequest): string {
  const own = lines.filter((line) => !/^(?:Origin|Sec-Fetch-)/i.test(line));
  return rawCall(
    "hello",
    [...own, `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"],
    undefined,
    version,
  );
}

/** TLS with a pre-shared key, which needs no certificate. */
const PSK: TlsOptions = {
  ciphers: "PSK",
  maxVersion: "TLSv1.2",
  pskCallback: () => Buffer.from("a key of this test"),
};

async function askTls(port: number, text: string): Promise<string> {
  const socket = connectTls({
    port,
    host: "127.0.0.1",
    ciphers: "PSK",
    maxVersion: "TLSv1.2",
    pskCallback: () => ({ psk: Buffer.from("a key of this test"), identity: "test" }),
    checkServerIdentity: () => undefined,
  });
  await once(socket, "secureConnect");
  socket.write(text);
  return readText(socket);
}
