/** An app with express-session gets the tab with one line, and behaves as before. */
import { createServer, type Server } from "node:http";
import express from "express";
import session from "express-session";
import { openBridge } from "session-bridge/bridge";
import type { Trace } from "session-bridge/protocol";
import { expressSession } from "session-bridge/sources";
import { afterEach, describe, expect, it } from "vitest";
import { call, listen, readCookie, readTraceId, readTraces } from "../panel-client.ts";

/** A session as express-session makes it. */
interface ForeignSession {
  user_id?: number;
  username?: string;
  cart?: string[];
  regenerate(done: (error?: unknown) => void): void;
  destroy(done: (error?: unknown) => void): void;
}

/** The session that express-session put on the request. */
function sessionOf(request: object): ForeignSession {
  return (request as { session: ForeignSession }).session;
}

const secret = "keyboard cat of this test";
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function startApp({ bridge = true, ids = (): string => crypto.randomUUID() } = {}): Promise<string> {
  const app = express();
  if (bridge) app.use(openBridge(expressSession({ secret }), { enabled: true, log: () => {} }));
  app.use(
    session({ secret, resave: false, saveUninitialized: false, genid: ids, cookie: { maxAge: 3_600_000 } }),
  );
  app.post("/login", (request, response, next) => {
    sessionOf(request).regenerate((error) => {
      if (error) return next(error);
      sessionOf(request).user_id = 123;
      sessionOf(request).username = "john_doe";
      response.redirect("/");
    });
  });
  app.post("/cart", async (request, response) => {
    await new Promise((resolve) => setImmediate(resolve)); // as a handler that asks a database does
    sessionOf(request).cart = [...(sessionOf(request).cart ?? []), String(request.query["item"] ?? "tea")];
    response.json(sessionOf(request).cart);
  });
  app.post("/empty", (request, response) => {
    sessionOf(request).cart = [];
    response.json([]);
  });
  app.post("/late", (request, response) => {
    response.json({});
    sessionOf(request).cart = ["too late"];
  });
  app.post("/logout", (request, response, next) => {
    sessionOf(request).destroy((error) => (error ? next(error) : response.redirect("/")));
  });
  app.get("/", (request, response) => response.send(`You are ${sessionOf(request).username ?? "a guest"}.`));
  const server = createServer(app);
  servers.push(server);
  return listen(server);
}

async function login(base: string): Promise<string> {
  return readCookie(await fetch(`${base}/login`, { method: "POST", redirect: "manual" }), "connect.sid");
}

const send = (base: string, path: string, cookie: string, method = "POST") =>
  fetch(base + path, { method, redirect: "manual", headers: { cookie: `connect.sid=${cookie}` } });

describe("the bridge over express-session", () => {
  it("shows what a login, a cart and a logout did", async () => {
    const base = await startApp();
    const cookie = await login(base);
    await send(base, "/cart", cookie);
    await send(base, "/", cookie, "GET");
    await send(base, "/logout", cookie);
    const traces = await readTraces(base, [cookie], (found) => found.length >= 4);
    expect(
      traces.map(({ request, changes }) => [request.path, changes.map(({ key, kind }) => `${kind} ${key}`)]),
    ).toEqual([
      ["/login", ["added user_id", "added username"]],
      ["/cart", ["added cart"]],
      ["/", []],
      ["/logout", expect.anything()],
    ]);
    expect(traces[3]?.flushedKeys).toBe(3);
    expect(traces[0]?.cookie).toMatchObject({ name: "connect.sid", action: "set", httpOnly: true });
  });

  it("reads the session without touching it", async () => {
    const base = await startApp();
    const cookie = await login(base);
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    expect(answer).toMatchObject({
      found: true,
      session: { dataJson: '{"user_id":123,"username":"john_doe"}' },
    });
    const again = await call(base, "session", { protocol: 1, cookie });
    expect(again.answer).toMatchObject({
      session: answer.found ? { version: answer.session.version, expiresAt: answer.session.expiresAt } : {},
    });
  });

  it("edits it, and the app's next response shows the edit", async () => {
    const base = await startApp();
    const cookie = await login(base);
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    const ifVersion = answer.found ? answer.session.version : "";
    const operations = [{ op: "set" as const, path: ["username"], valueJson: '"ada"' }];
    expect((await call(base, "edit", { protocol: 1, cookie, operations, ifVersion })).status).toBe(200);
    expect(await (await send(base, "/", cookie, "GET")).text()).toBe("You are ada.");
    expect((await call(base, "edit", { protocol: 1, cookie, operations, ifVersion })).status).toBe(409);
  });

  it("gives the session a new key, flushes it, and restores it", async () => {
    const base = await startApp();
    const cookie = await login(base);
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    const cycled = await call(base, "cycle", {
      protocol: 1,
      cookie,
      ifVersion: answer.found ? answer.session.version : "",
    });
    const fresh = cycled.answer.cookie ?? "";
    expect(fresh).not.toBe(cookie);
    expect(await (await send(base, "/", fresh, "GET")).text()).toBe("You are john_doe.");
    expect(await (await send(base, "/", cookie, "GET")).text()).toBe("You are a guest.");
    const flushed = await call(base, "flush", {
      protocol: 1,
      cookie: fresh,
      ifVersion: cycled.answer.session?.version ?? "",
    });
    expect(await (await send(base, "/", fresh, "GET")).text()).toBe("You are a guest.");
    await call(base, "restore", { protocol: 1, cookie: fresh, kept: flushed.answer.kept, replaces: null });
    expect(await (await send(base, "/", fresh, "GET")).text()).toBe("You are john_doe.");
  });

  it("says which change came after the response and is lost", async () => {
    const base = await startApp();
    const cookie = await login(base);
    await send(base, "/late", cookie);
    const traces = await readTraces(base, [cookie], (found) =>
      found.some(
        ({ findings }) => findings.length > 0 && findings.some(({ code }) => code === "late-change"),
      ),
    );
    expect(traces.at(-1)?.findings).toContainEqual(
      expect.objectContaining({ code: "late-change", keys: ["cart"] }),
    );
  });

  it("treats a cookie with a wrong signature as no session", async () => {
    const base = await startApp();
    const cookie = await login(base);
    expect((await call(base, "session", { protocol: 1, cookie: `${cookie}x` })).answer).toMatchObject({
      found: false,
    });
  });

  it("names every one of fifty simultaneous requests whose change was lost, and the one that overwrote it", async () => {
    const base = await startApp();
    const cookie = await login(base);
    const items = new Map<string, string>();
    await Promise.all(
      Array.from({ length: 50 }, async (_, number) => {
        const response = await send(base, `/cart?item=${number}`, cookie);
        items.set(readTraceId(response), String(number));
      }),
    );
    const traces = await readTraces(base, [cookie], hasStored([...items.keys()]));
    const cartOf = (json: string | undefined): string[] => JSON.parse(json ?? "{}").cart ?? [];
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    const kept = cartOf(answer.found ? answer.session.dataJson : undefined);
    expect(kept.length).toBeLessThan(50);
    const pairs = traces.flatMap(({ after, findings }) =>
      findings
        .filter(({ code }) => code === "lost-update")
        .flatMap((finding) => (finding.traces ?? []).map((lost) => ({ lost, by: cartOf(after?.dataJson) }))),
    );
    const lostIds = [...items].filter(([, item]) => !kept.includes(item)).map(([id]) => id);
    const named = new Set(pairs.map(({ lost }) => lost));
    expect(lostIds.filter((id) => !named.has(id))).toEqual([]);
    expect(pairs.filter(({ lost, by }) => by.includes(items.get(lost) ?? ""))).toEqual([]);
  });

  it("raises no false alarm in 1,000 requests that follow each other", async () => {
    const base = await startApp();
    const cookie = await login(base);
    const alarms: unknown[] = [];
    let stored = 0;
    // The log keeps 200 traces: it is read after each hundred requests.
    for (let round = 0; round < 10; round += 1) {
      const written: string[] = [];
      for (let count = 0; count < 50; count += 1) {
        await send(base, "/", cookie, "GET");
        written.push(readTraceId(await send(base, `/cart?item=${count % 3}`, cookie)));
      }
      const traces = await readTraces(base, [cookie], hasStored(written));
      stored += traces.filter(({ id }) => written.includes(id)).length;
      alarms.push(...traces.flatMap(({ request, findings }) => (request.path === "/login" ? [] : findings)));
      await send(base, "/empty", cookie);
    }
    expect(stored).toBe(500);
    expect(alarms).toEqual([]);
  });
});

/** True once each of these requests is reported with its write to the store. */
function hasStored(ids: readonly string[]): (traces: readonly Trace[]) => boolean {
  return (traces) => {
    const stored = traces.filter(({ operations }) => operations.some(({ name }) => name === "save"));
    const known = new Set(stored.map(({ id }) => id));
    return ids.every((id) => known.has(id));
  };
}

describe("the app", () => {
  it("answers the same with the bridge on as off, except for Session-Trace", async () => {
    const answers = async (bridge: boolean) => {
      let count = 0;
      const base = await startApp({ bridge, ids: () => `id-${++count}` });
      const loggedIn = await fetch(`${base}/login`, { method: "POST", redirect: "manual" });
      const cookie = readCookie(loggedIn, "connect.sid");
      const rest = [
        await send(base, "/cart", cookie),
        await send(base, "/", cookie, "GET"),
        await send(base, "/logout", cookie),
      ];
      return Promise.all(
        [loggedIn, ...rest].map(async (response) => {
          const headers = [...response.headers].filter(([name]) => name !== "session-trace");
          const steady = headers.map(([name, value]) => [
            name,
            name === "date" ? "" : value.replace(/Expires=[^;]*/, ""),
          ]);
          return { status: response.status, headers: steady, body: await response.text() };
        }),
      );
    };
    expect(await answers(true)).toEqual(await answers(false));
  });
});
