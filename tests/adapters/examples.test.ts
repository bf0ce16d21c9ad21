/** Each framework's example, started as its reader would start it, behaves in the same way. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Visitor } from "./client.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples");

let directory: string;
let child: ChildProcess;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sessions-example-"));
});
afterEach(async () => {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await ended;
  await rm(directory, { recursive: true, force: true });
});

/** Starts an example in an empty folder; resolves with the port that it prints. */
function start(name: string): Promise<number> {
  const server = join(EXAMPLES, name, "server.ts");
  child = spawn(process.execPath, ["--no-warnings", "--conditions=sessions-source", server], {
    cwd: directory,
    env: { ...process.env, PORT: "0", NODE_ENV: "development" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}: ${text}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const port = /http:\/\/localhost:(\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}

describe.each(["express", "fastify", "koa", "hono"])("examples/%s", (name) => {
  it("counts visits, logs john_doe in as user 123, fills a cart, and logs out", async () => {
    const visitor = new Visitor(await start(name));
    const post = (path: string, form: Record<string, string>) =>
      visitor.ask(path, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
      });
    await visitor.ask("/");
    expect((await visitor.ask("/")).body).toContain("<b>2</b>");
    const anonymous = visitor.cookie;

    expect((await post("/login", { username: "stranger" })).status).toBe(401);
    const login = await post("/login", { username: "john_doe", ends: "after an hour" });
    expect([login.status, login.get("location")]).toEqual([302, "/"]);
    expect(login.get("set-cookie")).toContain("; Max-Age=3600;");
    expect(visitor.cookie).not.toBe(anonymous);

    await post("/cart", { item: "tea" });
    await post("/cart", { item: "tea" });
    const home = await visitor.ask("/");
    expect(home.body).toContain("Hello, <b>john_doe</b>");
    expect(home.body).toContain("<li>2 × tea</li>");
    expect(home.get("session-trace")).toMatch(/^v=1;id=/);

    const loggedIn = visitor.cookie;
    await post("/logout", {});
    expect(visitor.cookie).toBeUndefined();
    expect((await visitor.ask("/", { cookie: loggedIn })).body).not.toContain("Hello,");
  });

  it("makes the cookie end when the browser closes if the visitor chooses so", async () => {
    const visitor = new Visitor(await start(name));
    const login = await visitor.ask("/login", {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: "username=jane_roe&ends=with+the+browser",
    });
    expect(login.all("set-cookie").join()).not.toMatch(/expires|max-age/i);
  });
});
