/** The server's end of the channel: what a site's processes report arrives, and what they should not send ends a connection. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Channel } from "../../../server-bridge/src/sources/django/channel.ts";
import {
  connectSite,
  KEY,
  NAME,
  newId,
  openAnnounced,
  PROCESS,
  requestLine,
  SITE,
  socketIn,
  type Told,
  temporaryFolder,
} from "./channel-site.ts";

let temporary: ReturnType<typeof temporaryFolder>;
let folder = "";
let channel: Channel;
let told: Told;

beforeEach(async () => {
  temporary = temporaryFolder();
  folder = join(temporary.path, "run");
  ({ channel, told } = await openAnnounced(folder));
});
afterEach(async () => {
  await channel.close();
  temporary.remove();
});

const received = (count: number) => vi.waitFor(() => expect(told.requests).toHaveLength(count));

describe("a site's report", () => {
  it("arrives with the site's process, and with its times by this process's clock", async () => {
    const site = await connectSite(socketIn(folder));
    const sent = requestLine();
    site.send(SITE, sent);
    await received(1);
    expect(told.requests[0]).toMatchObject({
      id: sent.trace.id,
      process: PROCESS,
      path: "/cart/",
      loaded: { key: KEY, stored: '{"cart":["hat"]}' },
      end: { after: { json: '{"cart":["hat","boots"]}', expiresAtMs: 1_900_000_000_000 }, status: 200 },
      writers: new Map([["cart", "mysite/views.py:23"]]),
    });
    const { endedAtMs = 0, loadedAtMs } = told.requests[0] ?? {};
    expect(Math.abs(performance.now() - endedAtMs)).toBeLessThan(1_000);
    expect(endedAtMs - (loadedAtMs ?? 0)).toBeCloseTo(10, 3);
  });

  it("arrives whole when its bytes come one by one, and when many come at once", async () => {
    const site = await connectSite(socketIn(folder));
    site.socket.setNoDelay(true);
    const lines = [SITE, requestLine({ path: "/é/" })].map((one) => `${JSON.stringify(one)}\n`).join("");
    for (const byte of Buffer.from(lines)) site.socket.write(Buffer.of(byte));
    site.send(...Array.from({ length: 500 }, () => requestLine()));
    await received(501);
    expect(told.requests[0]?.path).toBe("/é/");
  });

  it("of a session in its cookie has the cookie as what is stored", async () => {
    await channel.close();
    ({ channel, told } = await openAnnounced(folder, { isCarried: true }));
    const site = await connectSite(socketIn(folder));
    site.send(SITE, requestLine());
    await received(1);
    expect(told.requests[0]?.end.after?.stored).toBe(KEY);
  });

  it("says which change was not marked as one, and who read the key; a status says nothing more", async () => {
    const site = await connectSite(socketIn(folder));
    const readers = { cart: "mysite/views.py:12" };
    site.send(
      SITE,
      requestLine({ unsaved: "{}", unsavedWhy: "unmarked", readers }),
      requestLine({ unsaved: "{}", unsavedWhy: "status" }),
    );
    await received(2);
    expect(told.requests[0]?.end).toMatchObject({
      unsavedWhy: "unmarked",
      readers: new Map(Object.entries(readers)),
    });
    expect(told.requests[1]?.end).not.toHaveProperty("unsavedWhy");
  });

  it("of what was dropped arrives with the next request, and also alone", async () => {
    const site = await connectSite(socketIn(folder));
    site.send(SITE, requestLine({}, 2), { dropped: 3 });
    await vi.waitFor(() => expect(told.dropped).toEqual([2, 3]));
  });

  it("of late changes names their request", async () => {
    const site = await connectSite(socketIn(folder));
    const id = newId();
    site.send(SITE, { late: { id, keys: ["a"] } });
    await vi.waitFor(() => expect(told.late).toEqual([{ id, keys: ["a"] }]));
  });

  it("counts as ended now if the site's clock is another one", async () => {
    const site = await connectSite(socketIn(folder));
    site.send(SITE, requestLine({ loadedAtMs: 1_000, endedAtMs: 1_010 }));
    await received(1);
    const { endedAtMs = 0, loadedAtMs } = told.requests[0] ?? {};
    expect(Math.abs(performance.now() - endedAtMs)).toBeLessThan(1_000);
    expect(endedAtMs - (loadedAtMs ?? 0)).toBeCloseTo(10, 3);
  });

  it("may have fields that this version does not know", async () => {
    const site = await connectSite(socketIn(folder));
    site.send({ ...SITE, more: 1 }, requestLine({ more: 1 }));
    await received(1);
    expect(told.lines).toEqual([]);
  });
});

describe("a line that is not of the channel", () => {
  it.each<[string, string, string]>([
    ["not JSON", "hunter2", "a line is not JSON"],
    ["a list", "[]", "line: expected an object"],
    ["nothing known", '{"other":1}', "line: expected trace, late or dropped"],
    ["no trace", '{"trace":null}', "trace: expected an object"],
    ["an id that is none", JSON.stringify(requestLine({ id: "hunter2" })), "trace.id: expected a trace's id"],
    ["operations of no name", JSON.stringify(requestLine({ operations: [{}] })), "trace.operations[0].name"],
    [
      "writers that are a list",
      JSON.stringify(requestLine({ writers: [] })),
      "trace.writers: expected an object",
    ],
    ["a count that is none", '{"dropped":-1}', "dropped: expected a whole number"],
  ])("closes its connection: %s", async (_, line, words) => {
    const site = await connectSite(socketIn(folder));
    const other = await connectSite(socketIn(folder));
    site.send(SITE);
    site.socket.write(`${line}\n${JSON.stringify(requestLine())}\n`);
    await site.ended;
    other.send(SITE, requestLine());
    await received(1);
    expect(told.lines).toHaveLength(1);
    expect(told.lines[0]).toContain(words);
    expect(told.lines[0]).toContain("published together");
    expect(told.lines[0]).not.toContain("hunter2");
    other.close();
  });

  it("closes it when it comes first, in place of the process's name", async () => {
    const site = await connectSite(socketIn(folder));
    site.send(requestLine());
    await site.ended;
    expect(told.requests).toEqual([]);
  });

  it("is reported once, however many connections send one", async () => {
    for (let count = 0; count < 3; count += 1) {
      const site = await connectSite(socketIn(folder));
      site.socket.write("no\n");
      await site.ended;
    }
    expect(told.lines).toHaveLength(1);
  });

  it("is one of more than 8 MiB, and it is not kept in memory to its end", async () => {
    const site = await connectSite(socketIn(folder));
    site.send(SITE);
    const piece = Buffer.alloc(1024 * 1024, "x");
    for (let count = 0; count < 9; count += 1) site.socket.write(piece);
    await site.ended;
    expect(told.lines[0]).toContain("line: expected at most 8388608 bytes");
  });

  it("is one that is not UTF-8", async () => {
    const site = await connectSite(socketIn(folder));
    site.send(SITE);
    site.socket.write(Buffer.from([0x22, 0xff, 0x22, 0x0a]));
    await site.ended;
    expect(told.requests).toEqual([]);
  });
});

describe("the channel", () => {
  it("takes 64 connections, and says once that there are more", async () => {
    const sites = [];
    for (let count = 0; count < 64; count += 1) sites.push(await connectSite(socketIn(folder)));
    const [one, two] = [await connectSite(socketIn(folder)), await connectSite(socketIn(folder))];
    await Promise.all([one.ended, two.ended]);
    expect(told.lines).toEqual([expect.stringContaining("more than 64 processes")]);
    sites[63]?.send(SITE, requestLine());
    await received(1);
    for (const site of sites) site.close();
  });

  it("sends a site nothing", async () => {
    const site = await connectSite(socketIn(folder));
    site.send(SITE, requestLine());
    await received(1);
    expect(site.received()).toBe("");
  });

  it("announces its socket and the bridge's port, for this user only", () => {
    const file = join(folder, `${NAME}.json`);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      v: 1,
      socket: socketIn(folder).path,
      bridge: 47_801,
      pid: process.pid,
    });
    const modes = [folder, file, socketIn(folder).path].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  it("leaves no file when it is closed, and ends its connections", async () => {
    const site = await connectSite(socketIn(folder));
    await channel.close();
    await site.ended;
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves the announcement of another process alone", async () => {
    const file = join(folder, `${NAME}.json`);
    writeFileSync(file, "another's");
    await channel.close();
    expect(readFileSync(file, "utf8")).toBe("another's");
  });

  it("is refused while another one answers there", async () => {
    await expect(openAnnounced(folder)).rejects.toThrow("already runs for this site");
    const site = await connectSite(socketIn(folder));
    site.send(SITE, requestLine());
    await received(1);
    expect(existsSync(join(folder, `${NAME}.json`))).toBe(true);
  });
});
