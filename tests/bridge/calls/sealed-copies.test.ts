/** A sealed copy comes with a read, restores a session bit for bit, and is valid only for its own cookie. */
import { createServer } from "node:http";
import { cache, createSessions } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { expect, it, onTestFinished } from "vitest";
import { call, listen, readCookie } from "../../sources/panel-client.ts";

async function start() {
  const sessions = createSessions({
    secretKey: "a secret of this test",
    engine: cache("memory:"),
    cookieAge: 600,
  });
  const bridge = openBridge(sessions, { enabled: true, log: () => {} });
  const middleware = sessionMiddleware(sessions);
  const server = createServer((request, response) => {
    bridge(request, response, () =>
      middleware(request, response, () => {
        if (request.url === "/login") request.session["user_id"] = 123;
        if (request.url === "/more") request.session["cart"] = ["tea"];
        response.end(String(request.session.get("user_id")));
      }),
    );
  });
  onTestFinished(() => void server.close());
  const base = await listen(server);
  const login = async () => readCookie(await fetch(`${base}/login`), "sessionid");
  const read = (cookie: string, keep = false) => call(base, "session", { protocol: 1, cookie, keep });
  return { base, login, read };
}

it("is returned with the session on request, and changes nothing", async () => {
  const { login, read } = await start();
  const cookie = await login();
  const { answer: plain } = await read(cookie);
  const { answer: kept } = await read(cookie, true);
  const { answer: again } = await read(cookie);
  expect(plain.found && plain.kept).toBeUndefined();
  expect(kept.found && kept.kept?.cookie).toBe(cookie);
  expect(again.found && again.session).toEqual(plain.found && plain.session);
});

it("restores the session over whatever is there", async () => {
  const { base, login, read } = await start();
  const cookie = await login();
  const { answer } = await read(cookie, true);
  if (!answer.found || !answer.kept) throw new Error("there is no copy");
  await fetch(`${base}/more`, { headers: { cookie: `sessionid=${cookie}` } });
  expect(
    (await call(base, "restore", { protocol: 1, cookie, kept: answer.kept, replaces: null })).status,
  ).toBe(200);
  const { answer: now } = await read(cookie);
  expect(now.found && now.session.encoded).toBe(answer.session.encoded);
});

it("does not open another session", async () => {
  const { base, login, read } = await start();
  const [mine, theirs] = [await login(), await login()];
  const { answer } = await read(mine, true);
  if (!answer.found || !answer.kept) throw new Error("there is no copy");
  const stolen = { cookie: theirs, sealed: answer.kept.sealed };
  expect(
    (await call(base, "restore", { protocol: 1, cookie: theirs, kept: stolen, replaces: null })).status,
  ).toBe(403);
});
