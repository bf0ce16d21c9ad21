/** An app's request log, morgan's: the tab's calls are not in it when the bridge comes first, as it always does with `register`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import express from "express";
import session from "express-session";
import morgan from "morgan";
import { openBridge } from "session-bridge/bridge";
import { expressSession } from "session-bridge/sources";
import { afterEach, describe, expect, it } from "vitest";
import { call, listen } from "../sources/panel-client.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const secret = "the secret of this app";

/** An app with a log, a session and the bridge, in this order or with the bridge first; gives its address and the log. */
async function serve(isBridgeFirst: boolean): Promise<{ base: string; logged: string[] }> {
  const logged: string[] = [];
  const app = express();
  const bridge = openBridge(expressSession({ secret }), { enabled: true, log: () => {} });
  const log = morgan(":method :url", {
    stream: { write: (line) => logged.push(line.trim()) },
    immediate: true,
  });
  for (const middleware of isBridgeFirst ? [bridge, log] : [log, bridge]) app.use(middleware);
  app.use(session({ secret, resave: false, saveUninitialized: false }));
  app.get("/", (_request, response) => void response.send("home"));
  const server = createServer(app);
  undo.push(
    () => server.close(),
    () => bridge.close(),
  );
  return { base: await listen(server), logged };
}

describe("morgan", () => {
  it("logs none of the tab's calls after the bridge, and the app's requests as ever", async () => {
    const { base, logged } = await serve(true);
    expect((await call(base, "hello", { protocol: 1 })).status).toBe(200);
    await fetch(base);
    expect(logged).toEqual(["GET /"]);
  });

  it("logs every call of the tab before the bridge", async () => {
    const { base, logged } = await serve(false);
    expect((await call(base, "hello", { protocol: 1 })).status).toBe(200);
    expect(logged).toEqual(["POST /__sessions/v1/hello"]);
  });

  it("logs none of the tab's calls with session-bridge/register, wherever it is in the app", async () => {
    const code = `
      const app = require("express")();
      app.use(require("morgan")(":method :url", { immediate: true }));
      app.use(require("express-session")({ secret: "s", resave: false, saveUninitialized: false }));
      app.get("/", (_request, response) => response.send("home"));
      const server = app.listen(0, "127.0.0.1", () => console.log("port " + server.address().port));`;
    const flags = ["--conditions=sessions-source", "--no-warnings", "--import", "session-bridge/register"];
    const child = spawn(process.execPath, [...flags, "-e", code], {
      cwd: join(import.meta.dirname),
      env: { ...process.env, NODE_ENV: "development" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    undo.push(() => child.kill());
    const ended = once(child, "close");
    const lines: string[] = [];
    const base = await new Promise<string>((resolve) => {
      createInterface(child.stdout).on("line", (line) => {
        const port = /^port (\d+)$/.exec(line)?.[1];
        if (port === undefined) lines.push(line);
        else resolve(`http://127.0.0.1:${port}`);
      });
    });
    expect((await call(base, "hello", { protocol: 1 })).status).toBe(200);
    await fetch(base);
    child.kill();
    await ended;
    expect(lines).toEqual(["GET /"]);
  });
});
