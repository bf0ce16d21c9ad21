/**
 * Attacker: Bob, whose account an admin inspects: the app reads Bob's session and gives its cookie to the admin's browser ("log in
 * as"). Holds: their own cookie. Wants: that the admin's session and their own count as one from then on, and so the admin's traces.
 */
import fastifyCookies from "@fastify/cookie";
import fastifySessions, { MemoryStore } from "@fastify/session";
import Fastify from "fastify";
import { openBridge } from "session-bridge/bridge";
import { fastifySession } from "session-bridge/sources";
import { expect, it } from "vitest";
import { readCookie, readTraces } from "../../sources/panel-client.ts";
import { startExpressSession } from "../kit/express-session-app.ts";
import { CANARY, later } from "../kit/scene.ts";

/** Bob's panel after the admin has inspected the account, and the admin's own as the control. */
async function expectApart(base: string, admin: string, bob: string): Promise<void> {
  const shown = async (cookie: string, path: string) =>
    JSON.stringify(
      await readTraces(base, [cookie], (traces) => traces.some(({ request }) => request.path === path)),
    );
  expect(await shown(bob, "/bobs-last")).not.toContain(CANARY);
  expect(await shown(admin, "/admins-last")).toContain(CANARY);
}

it("on express-session, when the app gives the request another session", async () => {
  let bobsId = "";
  const ask = (name: string, ...parts: unknown[]) =>
    Object(Reflect.apply(Reflect.get(app.store, name), app.store, parts));
  const app = await startExpressSession((request, path) => {
    if (path !== "/as-bob") return;
    return new Promise((resolve) => {
      const take = (_: unknown, data: unknown) => {
        Reflect.set(request, "sessionID", bobsId);
        Object.assign(ask("createSession", request, data), { seen: true });
        resolve();
      };
      ask("get", bobsId, take);
    });
  });
  bobsId = app.idOf(app.own);
  await app.visit("/first", app.victims);
  const looked = await app.visit("/as-bob", app.victims);
  expect(app.idOf(readCookie(looked, "connect.sid"))).toBe(bobsId);
  await app.visit("/admins-last", app.victims);
  await app.visit("/bobs-last?note=b", app.own);
  await expectApart(app.base, app.victims, app.own);
});

// `rolling: false`, or the plugin itself would give the admin back their own cookie with the same response
it.each(["by-hand", "by-plugin"])("on @fastify/session, when the app gives Bob's cookie %s", async (way) => {
  const secret = "a secret of the app, longer than thirty-two characters";
  const store = new MemoryStore();
  const app = Fastify({ forceCloseConnections: true });
  const bridge = openBridge(fastifySession({ secret, store }), { enabled: true, log: () => {} });
  later(() => app.close());
  app.addHook("onRequest", bridge.fastify);
  await app.register(fastifyCookies);
  await app.register(fastifySessions, {
    ...{ secret, store, saveUninitialized: false, rolling: false },
    cookie: { secure: false },
  });
  let bobs = "";
  app.get<{ Querystring: { note?: string } }>("/*", async (request, reply) => {
    const { note } = request.query;
    if (note !== undefined) Reflect.set(request.session, "note", note);
    if (request.url === "/by-hand") {
      await new Promise((resolve) => store.get(decodeURIComponent(bobs).split(".")[0] ?? "", resolve));
      reply.header("set-cookie", `sessionId=${bobs}; Path=/`);
    }
    if (request.url === "/by-plugin") {
      await new Promise<void>((resolve) => {
        app.decryptSession(decodeURIComponent(bobs), request, {}, () => resolve());
      });
      Reflect.set(request.session, "seen", true);
    }
    return "done";
  });
  const base = await app.listen({ port: 0, host: "127.0.0.1" });
  const visit = (path: string, cookie = "") =>
    fetch(base + path, { headers: { cookie: `sessionId=${cookie}` } });
  const admin = readCookie(await visit(`/?note=${encodeURIComponent(CANARY)}`), "sessionId");
  bobs = readCookie(await visit("/?note=bobs"), "sessionId");
  await visit("/first", admin);
  expect(readCookie(await visit(`/${way}`, admin), "sessionId")).toBe(bobs);
  await visit("/admins-last", admin);
  await visit("/bobs-last", bobs);
  await expectApart(base, admin, bobs);
});
