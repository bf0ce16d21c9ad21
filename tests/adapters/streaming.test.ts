/** Streams, changes that come too late, and clients that go away, over real HTTP, for every adapter. */
import { connect } from "node:net";
import { cache, isSessionError, type Sessions } from "session-bridge";
import { afterEach, describe, expect, it } from "vitest";
import type { Page, Served } from "./adapter.ts";
import { ADAPTERS } from "./adapters.ts";
import { Visitor } from "./client.ts";
import { gatedEngine, sessionsOn } from "./stores.ts";

let served: Served | undefined;
afterEach(() => served?.close());

describe.each(ADAPTERS)("streams on $name", (adapter) => {
  async function visit(sessions: Sessions, pages: Record<string, Page>): Promise<Visitor> {
    const read: Page = ({ session }) => ({ body: String(session.get("n")) });
    served = await adapter.serve({ sessions, pages: { "/read": read, ...pages } });
    return new Visitor(served.port);
  }

  it("sends the parts of a stream as they come, the session stored before the first", async () => {
    const goOn = Promise.withResolvers<void>();
    const { engine, gate } = gatedEngine();
    const visitor = await visit(sessionsOn(engine), {
      "/stream": ({ session }) => {
        session["n"] = 1;
        return {
          body: (async function* () {
            yield "first ";
            await goOn.promise;
            yield "last";
          })(),
        };
      },
    });
    const parts = readParts(served?.port ?? 0, "/stream");
    await gate.reached;
    gate.open();
    const head = await parts.until("first ");
    expect(head).toMatch(/\r\nset-cookie: sessionid=[a-z0-9]{32};/i);
    visitor.cookie = /sessionid=[a-z0-9]{32}/.exec(head)?.[0];
    expect((await visitor.ask("/read")).body).toBe("1");
    goOn.resolve();
    await parts.until("last");
    parts.close();
  });

  it("refuses a change after the headers are sent", async () => {
    const refused = Promise.withResolvers<unknown>();
    const visitor = await visit(sessionsOn(cache("memory:")), {
      "/stream": ({ session }) => {
        session["n"] = 1;
        return {
          body: (async function* () {
            yield "first ";
            try {
              session["n"] = 2;
              refused.resolve("nothing");
            } catch (error) {
              refused.resolve(error);
            }
            yield "last";
          })(),
        };
      },
    });
    expect((await visitor.ask("/stream")).body).toBe("first last");
    expect(isSessionError(await refused.promise, "too-late")).toBe(true);
    expect((await visitor.ask("/read")).body).toBe("1");
  });

  it("refuses it even if the handler never used the session before", async () => {
    const refused = Promise.withResolvers<unknown>();
    const visitor = await visit(sessionsOn(cache("memory:")), {
      "/stream": (given) => ({
        body: (async function* () {
          yield "first ";
          try {
            given.session["n"] = 2;
            refused.resolve("nothing");
          } catch (error) {
            refused.resolve(error);
          }
          yield "last";
        })(),
      }),
    });
    expect((await visitor.ask("/stream")).body).toBe("first last");
    expect(isSessionError(await refused.promise, "too-late")).toBe(true);
  });

  it("stores what a handler wrote although its client has gone", async () => {
    const arrived = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const visitor = await visit(sessionsOn(cache("memory:")), {
      "/start": ({ session }) => {
        session["n"] = 0;
        return { body: "ok" };
      },
      "/slow": async ({ session }) => {
        arrived.resolve();
        await goOn.promise;
        session["n"] = 7;
        return { body: "done" };
      },
    });
    await visitor.ask("/start");
    const parts = readParts(served?.port ?? 0, "/slow", visitor.cookie);
    await arrived.promise;
    parts.close();
    goOn.resolve();
    await expect.poll(async () => (await visitor.ask("/read")).body).toBe("7");
  });
});

/** A request whose response is read while it arrives. */
function readParts(port: number, path: string, cookie?: string) {
  let text = "";
  let look = () => {};
  const socket = connect(port, "127.0.0.1", () => {
    const head = cookie === undefined ? "" : `Cookie: ${cookie}\r\n`;
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}\r\n`);
  });
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text += chunk;
    look();
  });
  socket.on("error", () => look());
  return {
    until: (part: string) =>
      new Promise<string>((resolve) => {
        look = () => {
          if (text.includes(part)) resolve(text);
        };
        look();
      }),
    close: () => socket.destroy(),
  };
}
