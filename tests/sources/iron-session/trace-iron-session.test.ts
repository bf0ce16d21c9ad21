/** `traceIronSession`: who wrote a key, on a session that behaves as the library made it. */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { getIronSession } from "iron-session";
import { type Bridge, openBridge } from "session-bridge/bridge";
import { ironSession, traceIronSession } from "session-bridge/sources";
import { afterEach, describe, expect, it } from "vitest";
import { listen, readCookie, readTraces } from "../panel-client.ts";

interface Data {
  user: number;
  note: string;
}

const options = {
  password: "a secret of these tests, longer than thirty-two characters",
  cookieName: "iron",
  cookieOptions: { secure: false },
};

type Session = Awaited<ReturnType<typeof getIronSession<Data>>>;

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Starts an app; `act` gets the session, and what it returns is the body, as JSON. */
async function start(
  act: (session: Session, path: string) => unknown,
  isOpen = true,
): Promise<{ base: string; bridge: Bridge | null }> {
  const bridge = isOpen
    ? openBridge(ironSession(options), { env: { NODE_ENV: "development" }, log: () => {} })
    : null;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const session = await getIronSession<Data>(request, response, options);
    const body = await act(session, request.url ?? "");
    response.end(JSON.stringify(body) ?? "");
  };
  const server = createServer((request, response) => {
    if (bridge === null) void answer(request, response);
    else bridge(request, response, () => void answer(request, response));
  });
  closing.push(
    () => server.close(),
    () => bridge?.close(),
  );
  return { base: await listen(server), bridge };
}

/** The line of this file in which a piece of code is, as the tab shows it. */
function lineOf(code: string): string {
  const line = readFileSync(import.meta.filename, "utf8")
    .split("\n")
    .findIndex((text) => text.includes(code));
  return `tests/sources/iron-session/trace-iron-session.test.ts:${line + 1}`;
}

describe("traceIronSession", () => {
  it("names the line that wrote and the one that deleted each key", async () => {
    const { base } = await start(async (found, path) => {
      const session = traceIronSession(found);
      if (path === "/login") Object.assign(session, { user: 123, note: "a" });
      else session.note = "b";
      if (path === "/leave") delete session.user;
      await session.save();
    });
    const first = await fetch(`${base}/login`);
    const cookie = readCookie(first, "iron");
    const second = await fetch(`${base}/leave`, { headers: { cookie: `iron=${cookie}` } });
    const cookies = [cookie, readCookie(second, "iron")];
    const traces = await readTraces(
      base,
      cookies,
      (found) => found.length === 2 && found.every((one) => one.incomplete === undefined),
    );
    const written = traces.flatMap(({ changes }) =>
      changes.map(({ kind, key, writer }) => [kind, key, writer]),
    );
    expect(written).toEqual([
      ["added", "user", lineOf('note: "a"')],
      ["added", "note", lineOf('note: "a"')],
      ["changed", "note", lineOf('session.note = "b"')],
      ["removed", "user", lineOf("delete session.user")],
    ]);
  });

  it("leaves a session as it is from outside, and in the cookie", async () => {
    const looks = (session: Session) => ({
      json: JSON.stringify(session),
      keys: Object.keys(session),
      own: Object.getOwnPropertyNames(session),
      described: Object.entries(Object.getOwnPropertyDescriptors(session)).map(
        ([name, { value, ...flags }]) => [name, typeof value, flags],
      ),
      spread: { ...session },
      has: ["user" in session, "note" in session, "save" in session],
      kinds: [session instanceof Object, Object.prototype.toString.call(session), Array.isArray(session)],
      extensible: Object.isExtensible(session),
    });
    const { base } = await start(async (found, path) => {
      const session = path === "/traced" ? traceIronSession(found) : found;
      session.user = 1;
      Object.assign(session, { note: "a", more: [1] });
      delete session.note;
      session.updateConfig({ ...options, ttl: 3600 });
      await session.save();
      const saved = looks(session);
      session.destroy();
      return { saved, destroyed: looks(session) };
    });
    const [plain, traced] = await Promise.all(["/plain", "/traced"].map((path) => fetch(base + path)));
    expect(await traced?.json()).toEqual(await plain?.json());
    expect(traced?.headers.getSetCookie().length).toBe(plain?.headers.getSetCookie().length);
  });

  it("keeps the writes of an object that inherits from the session out of it", async () => {
    const { base } = await start((found) => {
      const session = traceIronSession(found);
      const heir = Object.create(session);
      heir.user = 5;
      return [Object.keys(session), heir.user];
    });
    expect(await (await fetch(base)).json()).toEqual([[], 5]);
  });

  it("returns the session itself without a bridge, and after the bridge was closed", async () => {
    const isSame = (found: Session) => [traceIronSession(found) === found];
    const without = await start(isSame, false);
    expect(await (await fetch(without.base)).json()).toEqual([true]);
    const { base, bridge } = await start(isSame);
    expect(await (await fetch(base)).json()).toEqual([false]);
    bridge?.close();
    expect(await (await fetch(base)).json()).toEqual([true]);
  });
});
