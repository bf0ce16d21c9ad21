/** `session-bridge django --by-command`: a program with a real pipe to the test, which answers as manage.py session_bridge does. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  connectSite,
  KEY,
  NAME,
  requestLine,
  SITE,
  socketIn,
  temporaryFolder,
} from "../sources/django/channel-site.ts";
import {
  type Answerer,
  type CommandProgram,
  siteLine,
  spawnCommandProgram,
  startCommandProgram,
} from "../sources/django/command-program.ts";
import { call, readTraces } from "../sources/panel-client.ts";

let temporary: ReturnType<typeof temporaryFolder>;
let folder = "";
const programs: Pick<CommandProgram, "kill">[] = [];
beforeEach(() => {
  temporary = temporaryFolder();
  folder = join(temporary.path, "run");
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.kill("SIGKILL");
  temporary.remove();
});

async function start(...[options]: [Parameters<typeof startCommandProgram>[1]?]) {
  const program = await startCommandProgram(folder, options);
  programs.push(program);
  return { ...program, base: `http://127.0.0.1:${program.port}` };
}

const view = (json: string) => ({
  ...{ key: KEY, json, stored: json, expiresAt: null, atBrowserClose: false, ageSeconds: 1209600 },
});
const known: Answerer = ({ call: name, key }) => {
  if (name === "stored") return { stored: key === KEY };
  if (name === "read") return { found: true, view: view('{"cart":["hat"]}') };
  return undefined;
};

describe("session-bridge django --by-command", () => {
  it("names the site, its engine and the port, and what cannot be edited, on standard error", async () => {
    const program = await start({ site: { note: "LocMemCache lives in the site's process." } });
    const lines = program.terminal().trim().split("\n");
    for (const line of lines) expect(line).toMatch(/^\[session-bridge\] /);
    expect(program.terminal()).toContain(
      `tracing Django 5.2.8 (engine cache) for http://localhost:8000 on port ${program.port}`,
    );
    await expect.poll(program.terminal).toContain("LocMemCache lives in the site's process.");
    expect(program.calls).toEqual([]);
  });

  it("answers the panel for the site", async () => {
    const { base } = await start();
    const { answer } = await call(base, "hello", { protocol: 1 });
    expect(answer).toMatchObject({
      library: { name: "Django", version: "5.2.8" },
      engine: "cache",
      cookieNames: ["sessionid"],
      serves: ["http://localhost:8000"],
    });
    expect(answer.capabilities).toEqual(
      expect.arrayContaining(["prove", "traces", "edit", "expiry", "cycle", "flush", "restore", "conflicts"]),
    );
  });

  it("shows a session to those who have its key, and asks Django for nothing else", async () => {
    const { base, calls } = await start({ answer: known });
    const mine = await call(base, "session", { protocol: 1, cookie: KEY });
    expect(mine.answer).toMatchObject({ found: true, session: { dataJson: '{"cart":["hat"]}' } });
    const unknown = "another0another0another0another0";
    for (const cookie of [unknown, "short", `${KEY}\nx`, "../../etc/passwd", "k".repeat(129)]) {
      const { answer } = await call(base, "session", { protocol: 1, cookie });
      expect(answer).toMatchObject({ found: false, reason: "unknown" });
    }
    expect(calls.map(({ call: name, key }) => `${name} ${key}`)).toEqual([
      ...[`stored ${KEY}`, `read ${KEY}`, `stored ${unknown}`],
    ]);
  });

  it("streams what a site's process reports to those who have the session", async () => {
    const { base } = await start({ answer: known });
    const site = await connectSite(socketIn(folder));
    const line = requestLine();
    site.send(SITE, line);
    const traces = await readTraces(base, [KEY], (all) => all.length === 1);
    expect(traces).toMatchObject([
      {
        id: line.trace.id,
        process: SITE.process,
        request: { method: "POST", path: "/cart/", status: 200, durationMs: 12.345 },
        changes: [{ key: "cart", kind: "changed", writer: "mysite/views.py:23" }],
        operations: [{ name: "load" }, { name: "save" }],
      },
    ]);
    site.close();
  });

  it.each<[string, object]>([
    ["edit", { operations: [{ op: "set", path: ["cart"], valueJson: "[]" }] }],
    ["expiry", { change: { kind: "seconds", seconds: 60 } }],
    ["cycle", {}],
    ["flush", {}],
  ])("passes %s on to Django with the session that the panel saw", async (name, given) => {
    const { base, calls } = await start({
      answer: (asked) => {
        if (asked.call === "stored" || asked.call === "read") return known(asked);
        const after = asked.call === "flush" ? null : view('{"cart":[]}');
        return { ok: true, before: view('{"cart":["hat"]}'), after, cookie: KEY, cookieExpiresAt: null };
      },
    });
    const { answer } = await call(base, "session", { protocol: 1, cookie: KEY });
    const ifVersion = answer.found ? answer.session.version : "";
    const write = { protocol: 1, cookie: KEY, ifVersion, ...given };
    const done = await call(base, name as "cycle", write);
    expect(done.status).toBe(200);
    expect(calls.at(-1)).toMatchObject({ key: KEY, ifStored: '{"cart":["hat"]}' });
    expect(calls.at(-1)?.call).toBe(name === "edit" ? "replace" : name);
  });

  it("refuses what the engine does not allow", async () => {
    const { base, calls } = await start({ site: { capabilities: ["read"] }, answer: known });
    const { answer } = await call(base, "session", { protocol: 1, cookie: KEY });
    const ifVersion = answer.found ? answer.session.version : "";
    const done = await call(base, "flush", { protocol: 1, cookie: KEY, ifVersion });
    expect(done.answer).toMatchObject({ code: "capability" });
    expect(calls.map(({ call: name }) => name)).not.toContain("flush");
  });

  it("lets Django check the signature of a cookie that carries its session", async () => {
    const cookie = "eyJhIjoxfQ:1uX:signature";
    const { base } = await start({
      site: { engine: "signed_cookies", carried: true, capabilities: ["read"] },
      answer: ({ call: name, cookie: shown, key }) => {
        if (name === "prove") return { key: shown === cookie ? cookie : null };
        const stored = { ...view('{"a":1}'), key, stored: key };
        return name === "read" ? { found: true, view: stored } : undefined;
      },
    });
    const mine = await call(base, "session", { protocol: 1, cookie });
    expect(mine.answer).toMatchObject({ found: true, session: { dataJson: '{"a":1}' } });
    const forged = await call(base, "session", { protocol: 1, cookie: `${cookie}x` });
    expect(forged.answer).toMatchObject({ found: false, reason: "tampered" });
  });

  it("names the class of Django's exception on the terminal, and to the panel only that it failed", async () => {
    const program = await start();
    const asked = call(program.base, "session", { protocol: 1, cookie: KEY });
    await expect.poll(() => program.calls.length).toBe(1);
    program.write({ id: program.calls[0]?.id, error: "OperationalError" });
    expect((await asked).answer).toMatchObject({ code: "failed" });
    await expect.poll(program.terminal).toContain("Django could not do it (OperationalError)");
  });

  it("shows no session of another key, whatever the command answers", async () => {
    const program = await start({
      answer: ({ call: name }) =>
        name === "stored"
          ? { stored: true }
          : { found: true, view: { ...view("{}"), key: "another0".repeat(4) } },
    });
    const { answer } = await call(program.base, "session", { protocol: 1, cookie: KEY });
    expect(answer).toMatchObject({ code: "failed" });
    await expect.poll(program.terminal).toContain("the session of another key was sent");
  });

  it("says that the two packages do not fit when it cannot read an answer, and goes on", async () => {
    const program = await start({ answer: () => ({ stored: "hunter2" }) });
    const { answer } = await call(program.base, "session", { protocol: 1, cookie: KEY });
    expect(answer).toMatchObject({ code: "failed" });
    await expect.poll(program.terminal).toContain("published together");
    expect(program.terminal()).not.toContain("hunter2");
    expect((await call(program.base, "hello", { protocol: 1 })).status).toBe(200);
  });
});

describe("its end", () => {
  it("comes with the command's, and leaves no file", async () => {
    const program = await start();
    program.endInput();
    expect(await program.ended).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
    await expect(fetch(program.base)).rejects.toThrow();
  });

  it.each(["SIGINT", "SIGTERM"] as const)("comes with %s, and leaves no file", async (signal) => {
    const program = await start();
    await program.kill(signal);
    expect(await program.ended).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("comes with a line that is not of the pipe, and says so", async () => {
    const program = await start();
    program.write(["hunter2"]);
    expect(await program.ended).toBe(1);
    expect(program.terminal()).toContain(
      "manage.py session_bridge sent what this version does not understand",
    );
    expect(program.terminal()).not.toContain("hunter2");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("it does not start", () => {
  it.each<[string, (where: string) => unknown, Record<string, string>, string]>([
    ["without the site", () => ["hunter2"], {}, "sent what this version does not understand"],
    [
      "for a folder that is not absolute",
      () => siteLine("run"),
      {},
      "site.channel.folder: expected an absolute path",
    ],
    ["in production", (where) => siteLine(where), { NODE_ENV: "production" }, "NODE_ENV=development"],
  ])("%s", async (_, first, env, words) => {
    const program = spawnCommandProgram(first(folder), { env });
    programs.push(program);
    expect(await program.ended).toBe(2);
    expect(program.terminal()).toContain(words);
    expect(program.terminal().trim().split("\n")).toHaveLength(1);
    expect(program.terminal()).not.toContain("hunter2");
  });

  it("when the command ends before it has said anything", async () => {
    const program = spawnCommandProgram(null);
    programs.push(program);
    program.endInput();
    expect(await program.ended).toBe(2);
    expect(program.terminal()).toContain("Run python manage.py session_bridge.");
  });

  it("while another one runs for the same site, and leaves that one's files alone", async () => {
    await start();
    const second = spawnCommandProgram(siteLine(folder));
    programs.push(second);
    expect(await second.ended).toBe(2);
    expect(second.terminal()).toContain("another session-bridge already runs for this site");
    expect(readdirSync(folder).sort()).toEqual([`${NAME}.json`, `${NAME}.sock`]);
  });
});
