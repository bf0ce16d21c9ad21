/** A history is exported without any secret, and can be read again. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readHistoryEntries } from "../../../../extension/logic/history/history-entries.ts";
import { exportHistory, parseHistory } from "../../../../extension/logic/history/history-file.ts";
import type { ToldTrace } from "../../../../extension/logic/history/history-visitor.ts";
import { createPseudonyms } from "../../../../extension/logic/history/pseudonyms.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import type { TabCookie } from "../../../../extension/messages/tab-cookie.ts";
import { CANARIES, INNOCENTS } from "../../../canaries.ts";
import { finish } from "../finish.ts";

const CANARY = "cAnArY0123456789abcdefghijklmnop";
const AT = new Date(Date.UTC(2026, 10, 24));

const history = (canary: string, data: object = {}) => ({
  requests: [
    {
      id: "1",
      at: 0,
      method: "POST",
      url: `http://me:${canary}@localhost:8000/login?next=${canary}#${canary}`,
      status: 302,
      type: "document",
      durationMs: 1,
      traceId: null,
      sentCookies: ["sessionid"],
      setCookies: [`sessionid=${canary}; HttpOnly; Path=/`],
      fromCache: false,
      error: null,
    } satisfies NetworkRequest,
  ],
  traces: [
    {
      id: "AAAAAAAAAAAAAAAAAAAAAA",
      sequence: 1,
      process: "p",
      at: 0,
      origin: "request",
      server: "http://localhost:8000",
      request: { method: "POST", path: "/login", status: 302, durationMs: 1 },
      touched: true,
      before: null,
      after: {
        key: "cAnA…mnop",
        keyId: "k",
        dataJson: JSON.stringify({ user_id: 123, nested: { api_token: canary }, ...data }),
        version: "1",
        expiresAt: null,
        truncated: false,
      },
      changes: [],
      newKey: false,
      flushedKeys: null,
      operations: [],
      cookie: null,
      findings: [],
    } satisfies ToldTrace,
  ],
  cookies: [
    {
      id: "c",
      name: "sessionid",
      value: canary,
      domain: "localhost",
      hostOnly: true,
      path: "/",
      secure: false,
      httpOnly: true,
      sameSite: "lax",
      expiresAt: null,
      storeId: "0",
      partitionKey: null,
      recognised: null,
    } satisfies TabCookie,
  ],
});

describe("an exported history", () => {
  it("contains no cookie value, session key, query value or secret session value", () => {
    const { text, replaced } = exportHistory(history(CANARY, { echoed: `seen ${CANARY}` }), AT);
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain("cAnA…mnop");
    expect(text).toContain("user_id");
    expect(replaced).toEqual({ cookie: 1, key: 1, secret: 0 });
  });

  it("keeps no secret of any form", () => {
    fc.assert(
      fc.property(
        fc.string({
          minLength: 12,
          maxLength: 40,
          unit: fc.constantFrom(...'QZXJqzxj0123456789%+/=._~:\\"<'.split("")),
        }),
        (canary) => {
          expect(exportHistory(history(canary), AT).text).not.toContain(canary);
        },
      ),
    );
  });

  it("keeps how much of a request its trace saw", () => {
    const given = history(CANARY);
    const partly = { seen: "store", incomplete: "contexts" } as const;
    const traces = given.traces.map((trace) => ({ ...trace, ...partly }));
    expect(JSON.parse(exportHistory({ ...given, traces }, AT).text).traces[0]).toMatchObject(partly);
    expect(JSON.parse(exportHistory(given, AT).text).traces[0]).not.toHaveProperty("incomplete");
  });

  it("keeps no secret of a session that holds Python's NaN", () => {
    const one = history("cAnArY0123456789");
    const sides = { key: "k", keyId: "k", version: "1", expiresAt: null, truncated: false };
    const after = {
      ...sides,
      dataJson: '{"n":NaN,"nested":[{"api_token":"open sesame"}],"echo":"open sesame"}',
    };
    const { text, replaced } = exportHistory(
      { ...one, traces: one.traces.map((trace) => ({ ...trace, after })) },
      AT,
    );
    expect(text).not.toContain("open sesame");
    expect(replaced.secret).toBe(1);
    expect(JSON.parse(text).traces[0].after.dataJson).toContain('"n":NaN');
  });

  it.each([
    ["http://localhost:8000", "http://localhost:8000"],
    ["https://shop.example", "https://shop.example"],
    [null, undefined],
    ["javascript:alert(1)", undefined],
  ])("says which server reported a trace that has no request: %s", (server, named) => {
    const one = history(CANARY);
    const traces = one.traces.map((trace) => ({ ...trace, newKey: true, server }));
    const { text } = exportHistory({ ...one, requests: [], traces }, AT);
    expect(finish(readHistoryEntries(text))).toMatchObject({ entries: [{ type: "outside" }], leftOut: 0 });
    const [entry] = Object(finish(readHistoryEntries(text))).entries;
    expect(entry.origin).toBe(named);
  });

  it("replaces a secret with the same placeholder everywhere", () => {
    const pseudonyms = createPseudonyms();
    expect(pseudonyms.learn("abcdef", "cookie")).toBe(pseudonyms.learn("abcdef", "key"));
    expect(pseudonyms.apply("x abcdef y abcdef")).toBe("x cookie-1 y cookie-1");
  });

  it("replaces it also where the secret is escaped as in JSON", () => {
    const pseudonyms = createPseudonyms();
    pseudonyms.learn('pa"ss\\word', "secret");
    expect(pseudonyms.apply(String.raw`{"x":"pa\"ss\\word"}`)).toBe('{"x":"secret-1"}');
  });

  it("contains no cookie value that its partition also contains", () => {
    const one = history("acmetenant42");
    const partitionKey = { topLevelSite: "https://acmetenant42.test" };
    const cookies = one.cookies.map((cookie) => ({ ...cookie, partitionKey }));
    expect(exportHistory({ requests: [], traces: [], cookies }, AT).text).not.toContain("acmetenant42");
  });

  it("can be opened and viewed", () => {
    const read = parseHistory(exportHistory(history(CANARY), AT).text);
    expect(read).toMatchObject({
      requests: [{ method: "POST", status: 302 }],
      cookies: [{ name: "sessionid", value: "cookie-1" }],
    });
  });

  it.each(["requests", "cookies", "request", "POST", "document", "sessions", "12345", "true"])(
    "can be opened with any word in a query: %s",
    (word) => {
      const one = history("cAnArY0123456789");
      const url = `http://localhost:8000/list?view=${word}`;
      const requests = one.requests.map((request) => ({ ...request, url }));
      const sides = { key: "k", keyId: "k", version: "1", expiresAt: null, truncated: false };
      const after = { ...sides, dataJson: '{"user_id":12345,"on":true,"name":"a \\"POST\\""}' };
      const traces = one.traces.map((trace) => ({ ...trace, after }));
      const { text } = exportHistory({ ...one, requests, traces }, AT);
      const read = finish(readHistoryEntries(text));
      if ("problem" in read) throw new Error(read.problem);
      expect(read.leftOut).toBe(0);
      expect(read.entries).toContainEqual(
        expect.objectContaining({ request: expect.objectContaining({ method: "POST", type: "document" }) }),
      );
      const [trace] = JSON.parse(text).traces;
      expect(Object.keys(JSON.parse(trace.after.dataJson))).toEqual(["user_id", "on", "name"]);
    },
  );

  it("also accepts data that is not JSON", () => {
    const one = history(CANARY);
    const [trace] = one.traces;
    const side = trace?.after;
    if (!trace || !side) throw new Error("there is a trace");
    const traces = [{ ...trace, after: { ...side, dataJson: `{"a":"\\q ${CANARY}` } }];
    expect(exportHistory({ ...one, traces }, AT).text).not.toContain(CANARY);
  });

  const sides = { key: "k", keyId: "k", version: "1", expiresAt: null, truncated: false };

  /** The export of a history with these changes to its request, trace and session. */
  function exportWith(parts: { url?: string; request?: object; dataJson?: string; trace?: object }) {
    const one = history("cAnArY0123456789");
    const after = { ...sides, dataJson: parts.dataJson ?? "{}" };
    const url = parts.url ?? "http://localhost:8000/";
    const requests = one.requests.map((request) => ({ ...request, url, ...parts.request }));
    const traces = one.traces.map((trace) => ({ ...trace, after, ...parts.trace }));
    const { text } = exportHistory({ ...one, requests, traces }, AT);
    return { text, file: JSON.parse(text) };
  }

  it.each(CANARIES)("contains no $form in any place (T35, T41)", ({ secret, text: line, data }) => {
    const data2 = JSON.stringify({ ...data, echo: `seen ${secret} here` });
    const places = [
      exportWith({ dataJson: JSON.stringify(data) }),
      exportWith({ url: `http://localhost:8000/?next=${encodeURIComponent(line)}` }),
      exportWith({ dataJson: data2, request: { error: `failed: ${secret}` } }),
      exportWith({ request: { error: line, setCookies: [`a=1; Path=/; Note=${line}`] } }),
      exportWith({ trace: { operations: [{ name: "load", durationMs: 1, reason: line }] } }),
      exportWith({ trace: { changes: [{ key: line, kind: "added", writer: line }] } }),
      exportWith({ trace: { findings: [{ code: "late-change", keys: [line] }] } }),
      exportWith({ trace: { findings: [{ code: "unmarked-change", keys: ["a"], lines: [line] }] } }),
      exportWith({ request: { setCookies: [`${encodeURIComponent(secret)}; Path=/`], error: secret } }),
    ];
    for (const { text, file } of places) {
      expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(text).not.toContain(encodeURIComponent(secret));
      expect(JSON.stringify(file)).not.toContain(secret);
    }
  });

  it("keeps every string that is not secret", () => {
    const { file } = exportWith({ dataJson: JSON.stringify(INNOCENTS) });
    expect(JSON.parse(file.traces[0].after.dataJson)).toEqual(INNOCENTS);
  });

  it.each([
    ["http://localhost/reset/c8f3-opensesame/", "http://localhost/reset/secret-1/"],
    ["http://localhost/a/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln/b", "http://localhost/a/secret-1/b"],
    ["http://localhost/cart;jsessionid=opensesame1", "http://localhost/cart;jsessionid=secret-1"],
    ["http://localhost/a?opensesame1", "http://localhost/a?%E2%80%A6"],
    ["http://localhost/a#opensesame1", "http://localhost/a"],
    ["http://alice:opensesame1@localhost/a", "http://localhost/a"],
    [
      "http://[opensesame/reset/c8f3-opensesame/?token=opensesame1",
      "http://[opensesame/reset/secret-1/?token=%E2%80%A6",
    ],
    ["//localhost/%zz/reset/c8f3-opensesame", "//localhost/%zz/reset/secret-1"],
    ["data:text/plain,opensesame1", "data:secret-1"],
    ["http://localhost/shop/42?page=2", "http://localhost/shop/42?page=%E2%80%A6"],
  ])("keeps the parts of the address %s that are not secret", (url, shown) => {
    expect(exportWith({ url }).file.requests[0].url).toBe(shown);
  });

  it("contains no password of an address, even where it is repeated elsewhere", () => {
    const url = "http://alice:open-sesame@localhost/#state=sesame-too";
    const { text } = exportWith({ url, dataJson: '{"note":"it is open-sesame and sesame-too"}' });
    expect(text).not.toContain("sesame");
  });

  it("keeps which of a trace's secrets are equal, but not the trace's digests of them", () => {
    const dataJson =
      '{"password":"‹redacted 0badcafe›","token":"‹redacted 0badcafe›","pin":"‹redacted 1badcafe›"}';
    expect(exportWith({ dataJson }).file.traces[0].after.dataJson).toBe(
      '{"password":"‹redacted 00000001›","token":"‹redacted 00000001›","pin":"‹redacted 00000002›"}',
    );
  });

  it("hides numbers and short strings under names of secrets, and only there", () => {
    const { file } = exportWith({ dataJson: '{"cvv":123,"pin":"77","n":123,"s":"77","on":{"token":true}}' });
    expect(JSON.parse(file.traces[0].after.dataJson)).toEqual({
      cvv: expect.stringMatching(/^secret-\d$/),
      pin: expect.stringMatching(/^secret-\d$/),
      n: 123,
      s: "77",
      on: { token: true },
    });
  });

  it("accepts data of any depth", () => {
    const deep = `${'{"a":['.repeat(5_000)}{"password":"open sesame"}${"]}".repeat(5_000)}`;
    const { text, file } = exportWith({ dataJson: deep });
    expect(text).not.toContain("open sesame");
    expect(file.traces[0].after.dataJson).toHaveLength(deep.length - 3);
  });

  it("leaves out data that cannot be parsed and so cannot be searched", () => {
    const { file } = exportWith({ dataJson: '{"password":{"plain":"open sesame"}, oops' });
    expect(file.traces[0].after.dataJson).toBe('"‹cut: unreadable›"');
  });

  it("accepts strings that are not valid Unicode", () => {
    expect(exportWith({ url: "http://localhost/?a=\ud800abcd" }).text).toContain("localhost");
  });

  it("can be opened with any number of traces", () => {
    const [trace] = history(CANARY).traces;
    const traces = Array.from({ length: 130_000 }, () => trace);
    const file = { format: "sessions-devtools-history", version: 1, requests: [], traces, cookies: [] };
    expect(finish(readHistoryEntries(JSON.stringify(file)))).toMatchObject({ leftOut: 0 });
  });

  it.each([
    ["{", "not JSON"],
    ["{}", "not a history"],
    ['{"format":"sessions-devtools-history","version":9}', "version 9"],
    ['{"format":"sessions-devtools-history","version":1}', "cut short"],
  ])("is refused with a reason: %s", (text, reason) => {
    expect(parseHistory(text)).toEqual({ problem: expect.stringContaining(reason) });
  });
});
