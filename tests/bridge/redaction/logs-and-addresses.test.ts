/** Nothing that people copy, log or paste contains a key, a token or a session value (T8). */
import { afterEach, describe, expect, it } from "vitest";
import { call, type Site, startSite, Visitor } from "../site.ts";
import { listen } from "../stream.ts";

const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";
const CANARY = "canary-value-of-a-session";
const headers = { "session-bridge-token": TOKEN };

let site: Site;
afterEach(() => site.close());

describe("after a whole run with every call", () => {
  it("no log line, access log or trace contains the token, a whole key or a value", async () => {
    const access: string[] = [];
    site = await startSite({
      bridge: { token: TOKEN },
      before: (request, response) => {
        response.once("finish", () =>
          access.push(
            `${request.method} ${request.url} ${response.statusCode} ${request.headers.referer ?? "-"}`,
          ),
        );
      },
    });
    const visitor = new Visitor(site);
    await visitor.visit("/set?a=1");
    const keys = [visitor.cookie];
    await visitor.visit("/login", "POST");
    keys.push(visitor.cookie);
    const version = async () =>
      (await call(site, "session", { cookie: visitor.cookie }, headers)).json.session.version;
    const operations = [{ op: "set", path: ["password"], valueJson: JSON.stringify(CANARY) }];
    for (const [name, body] of [
      ["hello", {}],
      ["edit", { operations }],
      ["expiry", { change: { kind: "seconds", seconds: 9 } }],
      ["cycle", {}],
    ] as const) {
      const { json } = await call(
        site,
        name,
        { cookie: visitor.cookie, ifVersion: await version(), ...body },
        headers,
      );
      if (json.cookie) visitor.cookie = json.cookie;
      keys.push(visitor.cookie);
    }
    for (const wrong of [{}, { "session-bridge-token": "wrong" }]) await call(site, "hello", {}, wrong);
    await call(site, "edit", { cookie: visitor.cookie, ifVersion: "old", operations }, headers);
    site.breakStore(`no route to ${visitor.cookie} with ${TOKEN}`);
    await call(site, "session", { cookie: visitor.cookie }, headers);

    const listener = await listen(site, { cookies: keys }, headers);
    const traces = [];
    for (const path of ["/set", "/login", "edit", "expiry", "cycle"]) {
      traces.push(await listener.trace(path.startsWith("/") ? path : `/__sessions/v1/${path}`));
    }
    listener.close();

    const said = [...site.lines, ...access, ...traces.map((one) => JSON.stringify(one))].join("\n");
    expect(access.length).toBeGreaterThan(10);
    expect(site.lines.length).toBeGreaterThan(4);
    for (const secret of [TOKEN, CANARY, ...keys]) expect(said).not.toContain(secret);
  });

  it("no refusal echoes what was sent", async () => {
    site = await startSite();
    for (const [name, body] of [
      ["session", { cookie: { [CANARY]: 1 } }],
      ["edit", { cookie: CANARY, ifVersion: CANARY, operations: [{ op: CANARY, path: [CANARY] }] }],
      ["expiry", { cookie: CANARY, ifVersion: CANARY, change: { kind: CANARY } }],
      ["traces", { cookies: [], ids: [CANARY], since: null, process: null }],
    ] as const) {
      const { status, text } = await call(site, name, body);
      expect(status).toBe(403);
      expect(text).not.toContain(CANARY);
    }
  });
});
