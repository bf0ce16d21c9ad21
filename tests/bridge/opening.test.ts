/** When the bridge opens (T6): only by code and environment, with a line on the terminal, and never in production by itself. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { afterEach, describe, expect, it } from "vitest";
import { openWith, TOKEN } from "./open-with.ts";
import { call, EXTENSION_ORIGIN, portOf, type Site, startSite } from "./site.ts";

describe("in development", () => {
  it("opens by itself, with one line on the terminal", () => {
    expect(openWith({ NODE_ENV: "development" })).toEqual([
      "[session-bridge] open for the Sessions tab in DevTools: engine db, for this machine only (NODE_ENV=development).",
    ]);
  });
});

describe("a wrong argument", () => {
  it.each([undefined, null, "sessions", {}, () => {}])("is refused with the right one: %s", (given) => {
    expect(() => Reflect.apply(openBridge, null, [given, { enabled: true, env: {} }])).toThrow(
      /createSessions\(…\).*expressSession/,
    );
  });

  it("includes another framework's request if the bridge was not opened for that framework", async () => {
    const said: string[] = [];
    const sessions = createSessions({ secretKey: "x".repeat(50), engine: database("sqlite::memory:") });
    const bridge = openBridge(sessions, { enabled: true, env: {}, log: () => {} });
    const koa = new Koa().use(bridge as never).on("error", ({ message }) => said.push(message));
    const hooked = fastify().addHook("onRequest", bridge as never);
    const server = createServer(koa.callback()).listen(0, "127.0.0.1");
    await once(server, "listening");
    await fetch(`http://127.0.0.1:${portOf(server)}`);
    said.push((await hooked.inject("/")).json().message);
    const hono = new Hono().use(bridge as never).onError(({ message }, context) => context.text(message));
    said.push(await (await hono.request("/")).text());
    server.close();
    bridge.close();
    expect(said).toHaveLength(3);
    for (const line of said) expect(line).toMatch(/openBridge\(…\)\.koa .*\.fastify .*\.fetch/);
  });
});

describe("anywhere else", () => {
  it("throws with the remedy in a test", () => {
    expect(() => openWith({ NODE_ENV: "test" })).toThrow(
      'NODE_ENV is "test": openBridge opens by itself in development only. Start with NODE_ENV=development, or pass enabled: true.',
    );
  });

  it("throws when NODE_ENV is not set, as in the empty process.env of a bundler", () => {
    expect(() => openWith({})).toThrow("NODE_ENV is not set");
  });

  it("opens with enabled: true", () => {
    expect(openWith({}, { enabled: true })[0]).toContain("(enabled: true)");
    expect(openWith({ NODE_ENV: "test" }, { enabled: true })[0]).toContain("(enabled: true)");
  });

  it("does not open for other machines if NODE_ENV is not set, even with a token (T39)", () => {
    const options = { enabled: true, allowRemote: true, token: TOKEN };
    expect(() => openWith({}, options)).toThrow(
      /allowRemote needs to know where it runs.*NODE_ENV=development/,
    );
    expect(openWith({ NODE_ENV: "test" }, options)[0]).toContain("for REMOTE callers");
  });

  it("stays closed with enabled: false in any environment", () => {
    for (const NODE_ENV of ["production", "development", "live"]) {
      expect(openWith({ NODE_ENV }, { enabled: false })).toEqual([]);
    }
  });
});

describe("in production", () => {
  const production = { NODE_ENV: "production" };

  it("throws, even with enabled: true, even with a token", () => {
    expect(() => openWith(production, { enabled: true, token: TOKEN })).toThrow(
      "NODE_ENV is production: openBridge shows and edits sessions, so it does not open here.",
    );
  });

  for (const NODE_ENV of [
    '"production"',
    "'production'",
    "Production",
    "PRODUCTION",
    " production ",
    "prod",
    "production-eu",
    "live",
    "staging",
    "preview",
    "",
    " ",
    "undefined",
    "null",
    "dev",
    "Development",
    "development ",
    '"development"',
    "Test",
    "testing",
    "local",
  ]) {
    it(`is assumed for NODE_ENV=${JSON.stringify(NODE_ENV)} (T39)`, () => {
      for (const options of [{}, { enabled: true }, { enabled: true, token: TOKEN }]) {
        expect(() => openWith({ NODE_ENV }, options)).toThrow(
          `NODE_ENV is ${JSON.stringify(NODE_ENV)}, which counts as production: openBridge shows and edits sessions, so it does not open here. Start with NODE_ENV=development`,
        );
      }
      const why = { dangerouslyAllowInProduction: "a case of support" };
      expect(() => openWith({ NODE_ENV }, why)).toThrow("needs a token");
      expect(openWith({ NODE_ENV }, { ...why, token: TOKEN })[0]).toContain("in PRODUCTION, because");
    });
  }

  it("is assumed for a value that is not a string, and a long one is not printed in full", () => {
    for (const value of [true, 0, null, {}]) {
      const env = { NODE_ENV: value } as unknown as Record<string, string>; // what a bundler may have inserted
      expect(() => openWith(env, { enabled: true })).toThrow("counts as production");
    }
    expect(() => openWith({ NODE_ENV: "x".repeat(500) }, { enabled: true })).toThrow(/"x{40}"/);
  });

  it("throws with a reason but no token", () => {
    expect(() => openWith(production, { dangerouslyAllowInProduction: "support case" })).toThrow(
      "needs a token",
    );
  });

  it("throws when the reason is empty", () => {
    for (const why of ["", "  "]) {
      expect(() => openWith(production, { dangerouslyAllowInProduction: why, token: TOKEN })).toThrow(
        "does not open here",
      );
    }
  });

  it("opens with a reason and a token, and prints the reason", () => {
    const lines = openWith(
      { ...production, SESSION_BRIDGE_TOKEN: TOKEN },
      { dangerouslyAllowInProduction: "support\ncase 7" },
    );
    expect(lines).toEqual([
      "[session-bridge] open for the Sessions tab in DevTools: engine db, for this machine only, with the token (in PRODUCTION, because: support case 7).",
    ]);
  });

  it("ends a server that was started with the opt-in line still in its code", () => {
    const script = `
      import { createSessions, database } from "session-bridge";
      import { openBridge } from "session-bridge/bridge";
      openBridge(createSessions({ secretKey: "s".repeat(50), engine: database("sqlite::memory:") }), { enabled: true });
      console.log("still here");`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--conditions=sessions-source", "--input-type=module", "--eval", script],
      {
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        env: { ...process.env, ...production },
        encoding: "utf8",
      },
    );
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("NODE_ENV is production");
  });
});

describe("the token", () => {
  const weak = [
    "secret",
    "a".repeat(64),
    "0123456789abcdef0123456789abcde",
    "0123456789abcdef".repeat(2),
    "abcabcabcabcabcabcabcabcabcabc",
    "x y".repeat(20),
  ];
  for (const token of weak) {
    it(`is refused when it is as weak as ${token.slice(0, 20)}, without being printed`, () => {
      const open = () => openWith({}, { enabled: true, token });
      expect(open).toThrow(/token .*Make one with: npx session-bridge token$/);
      expect(open).not.toThrow(token);
    });
  }

  it("is read from SESSION_BRIDGE_TOKEN, and is not printed", () => {
    const lines = openWith({ SESSION_BRIDGE_TOKEN: TOKEN }, { enabled: true });
    expect(lines[0]).toContain("with the token");
    expect(lines.join()).not.toContain(TOKEN);
  });

  it("is needed for allowRemote", () => {
    const env = { NODE_ENV: "development" };
    expect(() => openWith(env, { allowRemote: true })).toThrow("Set SESSION_BRIDGE_TOKEN");
    expect(openWith(env, { allowRemote: true, token: TOKEN })[0]).toContain(
      "for REMOTE callers with the token, who may only view",
    );
  });
});

describe("nothing in a request", () => {
  let site: Site;
  afterEach(() => site.close());

  it("opens a closed bridge", async () => {
    site = await startSite({ bridge: { enabled: false } });
    const words = [
      "env",
      "debug",
      "NODE_ENV",
      "enabled",
      "SESSION_BRIDGE_TOKEN",
      "XDEBUG_SESSION",
      "_profiler",
    ];
    for (const word of words) {
      for (const value of ["development", "true", "1"]) {
        const response = await fetch(`${site.origin}/__sessions/v1/hello?${word}=${value}`, {
          method: "POST",
          headers: {
            origin: EXTENSION_ORIGIN,
            "content-type": "application/json",
            [word]: value,
            cookie: `${word}=${value}`,
          },
          body: JSON.stringify({ protocol: 1, [word]: value }),
        });
        expect(response.status).toBe(404);
        const plain = await call(
          site,
          "hello",
          { [word]: value },
          { [word]: value, cookie: `${word}=${value}` },
        );
        expect(plain.status).toBe(404);
        expect(plain.headers.get("session-trace")).toBeNull();
      }
    }
  });

  it("widens what an open one returns", async () => {
    site = await startSite();
    const { json } = await call(
      site,
      "hello",
      { allowRemote: true, allowEdit: true, capabilities: ["all"], env: "production" },
      { "x-debug": "1", cookie: "debug=1" },
    );
    expect(json).toEqual({ ...(await call(site, "hello")).json, serverTime: json.serverTime });
  });
});
