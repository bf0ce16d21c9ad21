/** What the bridge finds about requests: each finding once, if it is true, and never if it is not. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { database, signedCookies } from "session-bridge";
import { cutMark, type Finding } from "session-bridge/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { asyncEngine } from "../../adapters/stores.ts";
import { type Site, type SiteOptions, startSite, Visitor } from "../site.ts";
import { listen } from "../stream.ts";
import { overwritingLibrary } from "./overwriting-library.ts";

let site: Site | null = null;
afterEach(() => site?.close());

/** Findings about each of a visitor's requests, in order. */
async function findingsOf(paths: readonly string[], options: SiteOptions = {}): Promise<Finding[][]> {
  site = await startSite(options);
  const visitor = new Visitor(site);
  for (const path of paths) await visitor.visit(path);
  const listener = await listen(site, { cookies: visitor.held, ids: visitor.traceIds });
  const found: Finding[][] = [];
  for (const path of paths) found.push((await listener.trace(path.split("?")[0] ?? path)).findings);
  listener.close();
  return found;
}

describe("a needless save", () => {
  it("is one that stores what is already stored", async () => {
    expect(await findingsOf(["/set?a=1", "/set?a=1", "/set?a=2", "/read"])).toEqual([
      [],
      [{ code: "needless-save" }],
      [],
      [],
    ]);
  });

  it("is not reported for a changed session that is too long to be compared", async () => {
    const [, long, longer, same] = await findingsOf(["/set?a=1", "/grow", "/set?a=2", "/set?a=2"]);
    expect([long, longer, same]).toEqual([[], [], [{ code: "needless-save" }]]);
  });

  it("is not reported when a setting asks for it", async () => {
    const found = await findingsOf(["/set?a=1", "/read"], { sessions: { saveEveryRequest: true } });
    expect(found).toEqual([[], []]);
  });
});

describe("an unsaved change", () => {
  it("of more keys than a panel shows names the first and counts the rest", async () => {
    const app: SiteOptions["app"] = ({ session, url }, response) => {
      for (let at = 0; at < (url === "/one" ? 1 : 1_500); at += 1) session.set(`key${at}`, url);
      response.statusCode = url === "/one" ? 200 : 500;
      response.end();
    };
    const [, [finding] = []] = await findingsOf(["/one", "/many"], { app });
    expect(finding).toMatchObject({ code: "unsaved-change" });
    expect(finding?.keys?.slice(-2)).toEqual(["key199", cutMark("1300 more keys")]);
  });

  it("is the difference from what the handler itself had saved before it failed", async () => {
    const app: SiteOptions["app"] = async ({ session, url }, response) => {
      session.set("a", url);
      await session.save();
      if (url === "/part") session.set("b", url);
      response.statusCode = url === "/begin" ? 200 : 500;
      response.end();
    };
    expect(await findingsOf(["/begin", "/part", "/all"], { app })).toEqual([
      [],
      [{ code: "unsaved-change", keys: ["b"] }],
      [],
    ]);
  });

  it("of a session that was never stored counts its keys, because others than its visitor may have the trace's id", async () => {
    expect(await findingsOf(["/fail"])).toEqual([[{ code: "unsaved-change", keys: [cutMark("1 key")] }]]);
  });
});

describe("a login without a new key", () => {
  it("is found if a user's id is put into a session that already existed", async () => {
    const found = await findingsOf(["/set?a=1", "/set?user_id=123"]);
    expect(found).toEqual([[], [{ code: "login-without-new-key", keys: ["user_id"] }]]);
  });

  it("is not reported with a new key, with a new session, or without a login", async () => {
    expect(await findingsOf(["/set?a=1", "/login"])).toEqual([[], []]);
    await site?.close();
    expect(await findingsOf(["/set?user_id=123", "/set?user_id=null", "/set?passport=%7B%7D"])).toEqual([
      [],
      [],
      [],
    ]);
  });
});

describe("a session near 4 KiB", () => {
  it("is found if the cookie contains the session, before browsers drop it", async () => {
    const digits = Array.from({ length: 88 }, (_, n) =>
      createHash("sha256").update(String(n)).digest("hex"),
    ).join("");
    const app = (request: IncomingMessage, response: ServerResponse) => {
      request.session.set("digits", request.url === "/big" ? digits : "few");
      response.end();
    };
    const found = await findingsOf(["/small", "/big"], { engine: signedCookies(), app });
    expect(found).toEqual([[], [{ code: "near-4-kib" }]]);
  });
});

describe("keys that two requests changed", () => {
  it("are named when this library merged the rest of both", async () => {
    const gate = { release: () => {}, entered: Promise.resolve() };
    const opened = new Promise<void>((resolve) => {
      gate.release = resolve;
    });
    let reached = () => {};
    gate.entered = new Promise<void>((resolve) => {
      reached = resolve;
    });
    site = await startSite({
      app: async (request, response) => {
        const path = request.url ?? "";
        if (path === "/slow") {
          request.session.get("n");
          reached();
          await opened;
        }
        request.session.set("n", path);
        request.session.set(path.slice(1), true);
        response.end();
      },
    });
    const visitor = new Visitor(site);
    await visitor.visit("/first");
    const other = new Visitor(site);
    other.cookie = visitor.cookie;
    const slow = visitor.visit("/slow");
    await gate.entered;
    const { traceId } = await other.visit("/quick");
    gate.release();
    await slow;
    const listener = await listen(site, { cookies: [visitor.cookie] });
    const trace = await listener.trace("/slow");
    listener.close();
    expect(trace.findings).toEqual([{ code: "key-conflict", keys: ["n"], traces: [traceId] }]);
    expect(trace.operations.map(({ name }) => name)).toContain("merge");
    expect(JSON.parse(trace.after?.dataJson ?? "")).toEqual({
      n: "/slow",
      first: true,
      quick: true,
      slow: true,
    });
  });

  it("are named by their paths inside values, without secrets", async () => {
    const secret = `sk_live_${createHash("sha256").update("a key").digest("hex").slice(0, 24)}`;
    let other: Visitor | null = null;
    site = await startSite({
      app: async ({ url, session }, response) => {
        if (url === "/first") session.set("user", { id: 1, roles: { [secret]: "none" } });
        const user = Object(session.get("user"));
        if (url === "/slow") await other?.visit("/quick");
        user.role = url;
        user.roles[secret] = url;
        response.end();
      },
    });
    const visitor = new Visitor(site);
    await visitor.visit("/first");
    other = new Visitor(site);
    other.cookie = visitor.cookie;
    await visitor.visit("/slow");
    const listener = await listen(site, { cookies: [visitor.cookie] });
    const { findings } = await listener.trace("/slow");
    listener.close();
    const keys = findings.find(({ code }) => code === "key-conflict")?.keys;
    expect(keys).toEqual([expect.stringMatching(/^user\.roles\.‹redacted /), "user.role"]);
    expect(JSON.stringify(findings)).not.toContain(secret);
  });
});

describe("a lost update, in a library that overwrites", () => {
  it("is found if two requests overlap and the later one stores the session without the other's change", () => {
    const { begin } = overwritingLibrary();
    const first = begin({ n: 1 });
    const second = begin({ n: 1 });
    const lost = first({ n: 1, cart: "tea" });
    const { findings } = second({ n: 1, seen: true });
    expect(findings).toEqual([{ code: "lost-update", keys: ["cart"], traces: [lost.id] }]);
  });

  it("is found if both increment the same number", () => {
    const { begin } = overwritingLibrary();
    const [first, second, third] = [begin({ n: 1 }), begin({ n: 1 }), begin({ n: 1 })];
    const one = first({ n: 2 });
    const two = second({ n: 2, x: 1 });
    expect(two.findings).toEqual([]);
    expect(third({ n: 3 }).findings).toEqual([
      { code: "lost-update", keys: ["n", "x"], traces: [one.id, two.id] },
    ]);
  });

  it("is not reported if requests follow one another, a thousand times", () => {
    const { begin } = overwritingLibrary();
    for (let n = 0; n < 1_000; n += 1)
      expect(begin({ n, other: 1 })({ n: n + 1, other: 1 }).findings).toEqual([]);
  });

  it("is not reported if the later request stored nothing, or stored the same", () => {
    const { begin } = overwritingLibrary();
    const [reader, first, same] = [begin({ n: 1 }), begin({ n: 1 }), begin({ n: 1 })];
    first({ n: 2 });
    expect(reader({ n: 1 }, { operation: "load" }).findings).toEqual([]);
    expect(same({ n: 2 }).findings).toEqual([]);
  });

  it("is not reported if the later request had loaded the change, even if the other had not ended", () => {
    const { begin } = overwritingLibrary();
    const first = begin({ n: 1 });
    const later = begin({ n: 2 });
    first({ n: 2 });
    expect(later({ n: 3 }).findings).toEqual([]);
  });
});

describe("a restored session", () => {
  it("is found if a request stores it after another one has deleted it meanwhile", () => {
    const { begin } = overwritingLibrary();
    const slow = begin({ user_id: 1 });
    const out = begin({ user_id: 1 })(null, { operation: "flush" });
    expect(slow({ user_id: 1, seen: true }).findings).toEqual([{ code: "resurrected", traces: [out.id] }]);
  });
});

describe("two sessions in one request", () => {
  /** The findings about a request with these cookies, and with its status. */
  async function ask(...keys: string[]) {
    const visited = new Visitor({ origin: site?.origin ?? "" });
    visited.cookie = keys.join("; sessionid=");
    const { status, traceId } = await visited.visit("/read");
    const listener = await listen(site as Site, { cookies: keys, ids: [traceId] });
    let { trace } = await listener.next("trace");
    while (trace.id !== traceId) ({ trace } = await listener.next("trace"));
    listener.close();
    return { status, findings: trace.findings, dataJson: trace.before?.dataJson };
  }

  async function begin(options: SiteOptions = {}) {
    site = await startSite(options);
    const [mine, other] = [new Visitor(site), new Visitor(site)];
    await mine.visit("/set?mine=1");
    await other.visit("/set?mine=2");
    return { mine: mine.cookie, other: other.cookie };
  }

  const ENGINES = { SQLite: () => database("sqlite::memory:"), "an engine that is awaited": asyncEngine };

  it.each(Object.entries(ENGINES))(
    "are found on %s, in whichever order they come, and the first is the request's",
    async (_, make) => {
      const { mine, other } = await begin({ engine: make() });
      const found = { status: 200, findings: [{ code: "two-sessions" }] };
      expect(await ask(mine, other)).toEqual({ ...found, dataJson: '{"mine":1}' });
      expect(await ask(other, mine)).toEqual({ ...found, dataJson: '{"mine":2}' });
    },
  );

  it("are not found if the store knows one of the cookies, or both are the same", async () => {
    const { mine } = await begin();
    const one = { status: 200, findings: [], dataJson: '{"mine":1}' };
    for (const keys of [[mine], [mine, "unknown0"], ["unknown0", mine], [mine, mine], [mine, "Not-A-Key"]])
      expect(await ask(...keys)).toEqual(one);
  });

  it("are found among signed cookies, of which the newest is the request's", async () => {
    const time = { now: Date.now() };
    site = await startSite({ engine: signedCookies(), sessions: { clock: () => time.now } });
    const visitor = new Visitor(site);
    await visitor.visit("/set?mine=1");
    const old = visitor.cookie;
    time.now += 5_000;
    await visitor.visit("/set?mine=2");
    expect(await ask(old, visitor.cookie)).toMatchObject({
      findings: [{ code: "two-sessions" }],
      dataJson: '{"mine":2}',
    });
  });

  it("are looked for without changing the other one, and a failing look changes nothing for the request", async () => {
    const engine = asyncEngine();
    const { mine, other } = await begin({ engine });
    const stored = await engine.load(other);
    await ask(mine, other);
    expect(await engine.load(other)).toEqual(stored);
    const load = engine.load;
    engine.load = (key) => (key === other ? Promise.reject(new Error("the store is away")) : load(key));
    expect(await ask(mine, other)).toEqual({ status: 200, findings: [], dataJson: '{"mine":1}' });
  });
});
