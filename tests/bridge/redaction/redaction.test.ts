/** What a trace leaves out: secrets by name and by form, and everything beyond its limits (T8, T15). */
import { cutMark, readMark, redactedMark } from "session-bridge/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { redactPath } from "../../../server-bridge/src/bridge/redaction/redact.ts";
import { looksSecret, namesSecret } from "../../../server-bridge/src/protocol/secrets/index.ts";
import { CANARIES, INNOCENTS } from "../../canaries.ts";
import { call, type Site, startSite, Visitor } from "../site.ts";
import { listen } from "../stream.ts";

const CANARY = "canary-Zq81";
let site: Site;
let data: Record<string, unknown> = {};

beforeEach(async () => {
  site = await startSite({
    app: (request, response) => {
      request.session.update(data);
      response.end();
    },
  });
});
afterEach(() => site.close());

/** The trace of a request that stores `given` in a new session, and its `after` as values. */
async function traceOf(given: Record<string, unknown>) {
  data = given;
  const visitor = new Visitor(site);
  await visitor.visit("/x");
  const listener = await listen(site, { cookies: [visitor.cookie] });
  const trace = await listener.trace("/x");
  listener.close();
  return { trace, text: JSON.stringify(trace), after: JSON.parse(trace.after?.dataJson ?? "null") };
}

describe("by name, at every depth", () => {
  const names = [
    "password",
    "Passwd",
    "user_password",
    "newPassword",
    "passphrase",
    "secret",
    "clientSecret",
    "token",
    "access_token",
    "refreshToken",
    "csrfToken",
    "_csrftoken",
    "_auth_user_hash",
    "_password_reset_token",
    "authorization",
    "Authorization",
    "x-api-key",
    "apiKey",
    "private_key",
    "card",
    "card_number",
    "cvv",
    "otp",
    "sessionId",
    "sessionkey",
    "passwords",
    "newpassword",
    "passwordconfirmation",
    "apiKeys",
    "secretkey",
    "APISecret",
    "SSOTokens",
    "AWSSecretKey",
    "backup_codes",
    "PINs",
  ];
  for (const name of names) {
    it(`hides ${name}`, async () => {
      const { text, after } = await traceOf({
        [name]: CANARY,
        deep: [{ more: { [name]: { inner: CANARY } } }],
      });
      expect(text).not.toContain(CANARY);
      expect(readMark(after[name])).toMatchObject({ kind: "redacted" });
      expect(readMark(after.deep[0].more[name])).toMatchObject({ kind: "redacted" });
    });
  }

  it("shows what is not a secret", async () => {
    const open = {
      user_id: 123,
      username: "john_doe",
      cart: [{ sku: "tea", count: 2 }],
      visits: 4,
      discard: "x",
      passenger: "x",
      monkey: "x",
      keyboard: "x",
      tokenless: "x",
      theme: "dark",
      last_seen: "2026-11-23T10:00:00.000Z",
      request_id: "7c9f4b1e-aaaa-4bbb-8ccc-0123456789ab",
      _session_expiry: 3600,
      note: "the quick brown fox jumps over the lazy dog 42 times",
      path: "/products/garden-furniture/2024/wooden-table-and-four-chairs.html",
    };
    expect((await traceOf(open)).after).toEqual(open);
  });

  it("shows that a secret is empty, absent or a switch", async () => {
    const telling = { password: "", token: null, csrf: false, secret: true, card: {}, otp: [] };
    expect((await traceOf(telling)).after).toEqual(telling);
  });

  it("keeps equal secrets equal and different ones different, so a change stays visible", async () => {
    const { after } = await traceOf({ password: CANARY, token: CANARY, secret: "other" });
    expect(after.password).toBe(after.token);
    expect(after.password).not.toBe(after.secret);
  });

  it("compares before it hides", async () => {
    data = { password: "one" };
    const visitor = new Visitor(site);
    await visitor.visit("/x");
    data = { password: "two" };
    await visitor.visit("/y");
    const listener = await listen(site, { cookies: [visitor.cookie] });
    expect((await listener.trace("/y")).changes).toEqual([{ key: "password", kind: "changed" }]);
    listener.close();
  });
});

describe("by form, whatever the name", () => {
  const secrets = [
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "Bearer abcdef0123456789",
    "postgres://user:hunter2@db/app",
    "$2b$12$KIXQ1Yx9kZ0c5vJ7w8h9eO",
    "pbkdf2_sha256$260000$abc$def",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "Zk3v9x0q2LmN8pRtY5wBcD4eF6gH7jK1",
    "4111 1111 1111 1111",
    '{"user":"x","password":"hunter2"}',
    "AKIAIOSFODNN7EXAMPLE",
    `sk_${"live"}_51H8xYzAbCdEfGhIjKlM`,
  ];
  for (const secret of secrets) {
    it(`hides ${secret.slice(0, 16)}…`, async () => {
      const { text, after } = await traceOf({ note: secret, list: [secret] });
      expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(readMark(after.note)).toMatchObject({ kind: "redacted" });
      expect(after.list).toEqual([after.note]);
    });
  }

  it("hides a secret everywhere in a shown string", async () => {
    const note = `${"word ".repeat(1_500)}${secrets[0]}`;
    expect((await traceOf({ note })).text).not.toContain(secrets[0]);
  });

  it("keeps what a source has put in place of a value that JSON has no form for, unless it is a secret", async () => {
    const key = secrets[0] ?? "";
    const standIns = [cutMark("Python datetime 2026-11-30T04:21:00+00:00"), cutMark(`Python str ${key}`)];
    const { after, text } = await traceOf({ standIns });
    expect(after.standIns[0]).toBe(standIns[0]);
    expect(readMark(after.standIns[1])).toMatchObject({ kind: "redacted" });
    expect(text).not.toContain(key);
  });

  it("lets no string of a session look like a redaction mark", async () => {
    const forged = [cutMark("nothing to see"), redactedMark("0badcafe")];
    const { after, text } = await traceOf({ forged, [cutMark("a key")]: 1 });
    expect(after.forged.map(readMark)).toMatchObject([{ kind: "redacted" }, { kind: "redacted" }]);
    for (const piece of ["nothing to see", "0badcafe", "a key"]) expect(text).not.toContain(piece);
  });

  it("hides a secret that is itself the name of a key", async () => {
    const token = "Zk3v9x0q2LmN8pRtY5wBcD4eF6gH7jK1";
    expect((await traceOf({ [token]: 1, deep: { [token]: 2 } })).text).not.toContain(token);
  });

  it("hides a secret in the path", async () => {
    const path = (text: string) =>
      redactPath(text, () => "00000000").replaceAll(redactedMark("00000000"), "*");
    expect(path("/reset/Zk3v9x0q2LmN8pRtY5wBcD4eF6gH7jK1/")).toBe("/reset/*/");
    expect(path("/shop/garden-furniture/42")).toBe("/shop/garden-furniture/42");
    expect(path("/reset/c8f3-opensesame/done")).toBe("/reset/*/done");
    expect(path("/cart;jsessionid=opensesame1/list?opensesame&a=b&c=")).toBe(
      "/cart;jsessionid=*/list?*&a=*&c=",
    );
    expect(path("/a/%65yJhbGciOiJIUzI1NiJ9%2EeyJzdWIiOiIxMjM0NTY3ODkwIn0")).toBe("/a/*");
  });

  it("has no false alarms on ordinary words and no misses on the usual names", () => {
    expect(
      (
        "user_id cart discard keynote passport address monkeys secretary passenger keyboard username key code state " +
        "theme random_seed auth _auth_user_id expires path compass pinned spinning cardinal nextUrl hash author pwa " +
        "seedling"
      )
        .split(" ")
        .filter(namesSecret),
    ).toEqual([]);
    expect(INNOCENTS.filter(looksSecret)).toEqual([]);
  });
});

describe("in a trace of any session", () => {
  it.each(CANARIES)("there is no $form (T35, T41)", async ({ secret, data: given }) => {
    const { text } = await traceOf(given);
    expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
  });

  it("every string that is not secret is kept", async () => {
    const innocents = Object.fromEntries(INNOCENTS.map((text, index) => [`text_${index}`, text]));
    expect((await traceOf(innocents)).after).toEqual(innocents);
  });

  it("a secret is searched for in a bounded number of characters, however many strings there are (T31)", async () => {
    const texts = Array.from({ length: 60 }, () => "eyJ-".repeat(2_048));
    const { trace, after } = await traceOf({ texts });
    expect(trace.after?.truncated).toBe(true);
    const marks = after.texts.map((text: string) => readMark(text)?.kind);
    expect(marks.filter((kind: string) => kind === "redacted").length).toBeLessThan(30);
    expect(new Set(marks)).toEqual(new Set(["redacted", "cut"]));
  });
});

describe("the session call", () => {
  it("hides nothing from the owner of the session", async () => {
    data = { password: CANARY };
    const visitor = new Visitor(site);
    await visitor.visit("/x");
    const { json } = await call(site, "session", { cookie: visitor.cookie });
    expect(JSON.parse(json.session.dataJson)).toEqual(data);
  });
});

describe("too much", () => {
  it("is cut at 8 levels, and the trace says so", async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(800)}1${"}".repeat(800)}`);
    const { trace, after } = await traceOf({ deep });
    expect(trace.after?.truncated).toBe(true);
    expect(JSON.stringify(after)).toContain("deeper than 8 levels");
  });

  it("is cut at 200 entries a level", async () => {
    const { trace, after } = await traceOf({ list: Array.from({ length: 5_000 }, (_, n) => n) });
    expect(after.list).toHaveLength(201);
    expect(readMark(after.list[200])).toEqual({ kind: "cut", what: "more than 200 entries" });
    expect(trace.after?.truncated).toBe(true);
  });

  it("is cut at about 64 KiB, and a long string at 8 KiB", async () => {
    const { trace } = await traceOf({
      long: "x ".repeat(10_000),
      texts: Array.from({ length: 100 }, () => "word ".repeat(800)),
    });
    expect(trace.after?.dataJson.length).toBeLessThan(80_000);
    expect(trace.after?.truncated).toBe(true);
  });

  it("is not read if over a megabyte", async () => {
    const { trace } = await traceOf({ text: "many words ".repeat(150_000) });
    expect(trace.after).toMatchObject({ dataJson: "{}", truncated: true });
    expect(trace.changes).toEqual([]);
  });

  it("does not fail a request: a million keys, ten thousand levels", async () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`k${n}`, n]));
    for (const given of [{ many }, many]) {
      const { trace } = await traceOf(given);
      expect(trace.after?.truncated).toBe(true);
    }
    expect(site.lines.filter((line) => line.includes("could not be traced"))).toEqual([]);
  });
});
