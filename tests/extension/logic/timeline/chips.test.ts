/** What a row's chips say. */
import type { Trace } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { chipsOf } from "../../../../extension/logic/timeline/chips.ts";
import type { Entry } from "../../../../extension/logic/timeline/entry.ts";
import { traceChips } from "../../../../extension/logic/timeline/trace-chips.ts";
import { sideOf } from "../../../panel/memory-ports/calls.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

const server = createMemoryServer(() => 0);
const side = (dataJson: string) => sideOf("key", { dataJson, version: 1, expiresAt: null });
const texts = (partial: Partial<Trace>) => traceChips(server.trace(partial)).map((chip) => chip.text);

describe("the chips of a request", () => {
  it("name added, removed and changed keys, a short change with its values", () => {
    expect(
      texts({
        before: side('{"cart":1,"gone":1,"long":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"}'),
        after: side('{"cart":2,"user_id":123,"long":"b"}'),
        changes: [
          { key: "cart", kind: "changed" },
          { key: "user_id", kind: "added" },
          { key: "gone", kind: "removed" },
          { key: "long", kind: "changed" },
        ],
        newKey: true,
      }),
    ).toEqual(["+user_id", "−gone", "~cart 1→2", "~long", "new key"]);
  });

  it("say that a session was flushed, not which keys were lost", () => {
    expect(texts({ flushedKeys: 6, changes: [{ key: "a", kind: "removed" }] })).toEqual(["flushed 6 keys"]);
    expect(texts({ flushedKeys: 1 })).toEqual(["flushed 1 key"]);
  });

  it("say how many other sessions a panel ended or put back, and nothing of the kind about an app's own deletions", () => {
    const about = (name: "create" | "delete", reason: string, origin: Trace["origin"] = "panel") =>
      texts({ origin, touched: true, operations: [{ name, durationMs: 1, reason }] });
    expect(about("delete", "another session of this user: ended 1")).toEqual(["ended 1 other session"]);
    expect(about("delete", "another session of this user: ended 12")).toEqual(["ended 12 other sessions"]);
    expect(about("create", "another session of this user: put back 2")).toEqual([
      "put back 2 other sessions",
    ]);
    expect(about("delete", "another session of this user: ended 1", "request")).toEqual(["no session"]);
    expect(about("delete", "another session a1b2…y9z0")).toEqual(["no session"]);
  });

  it("say what a session that began in the same request as the flush contains", () => {
    const changes = [
      { key: "visits", kind: "removed" as const },
      { key: "user_id", kind: "added" as const },
    ];
    expect(
      texts({
        before: side('{"visits":1}'),
        after: side('{"user_id":123}'),
        changes,
        flushedKeys: 1,
        newKey: true,
      }),
    ).toEqual(["+user_id", "flushed 1 key", "new key"]);
  });

  it("say why nothing was saved", () => {
    const operations = [{ name: "not-saved" as const, durationMs: 0, reason: "status 500" }];
    expect(texts({ operations })).toEqual(["not saved: status 500"]);
  });

  it("say that the rest was not saved, if the handler had saved a part itself", () => {
    const operations = [
      { name: "save" as const, durationMs: 1 },
      { name: "not-saved" as const, durationMs: 0, reason: "status 500" },
    ];
    const changes = [{ key: "a", kind: "added" as const }];
    const saved = { before: side("{}"), after: side('{"a":1}'), changes, operations };
    expect(texts({ ...saved, findings: [{ code: "unsaved-change", keys: ["b"] }] })).toEqual([
      "+a",
      "rest not saved: status 500",
      "unsaved change",
    ]);
    expect(texts(saved)).toEqual(["+a"]);
  });

  it.each(["late", "contexts", "unopened", "unfinished", "other"] as const)(
    "say of an incomplete trace (%s) only what was seen",
    (incomplete) => {
      const save = { name: "save" as const, durationMs: 1 };
      const sides = { before: side("{}"), after: side("{}") };
      expect(texts({ touched: false, incomplete })).toEqual(["incomplete"]);
      expect(texts({ touched: true, incomplete })).toEqual(["incomplete"]);
      expect(texts({ touched: true, ...sides, seen: "store", incomplete })).toEqual(["incomplete"]);
      const [saved] = traceChips(server.trace({ ...sides, operations: [save], incomplete }));
      expect(saved).toMatchObject({
        text: "incomplete",
        title: expect.stringMatching(/It did save\.$/),
      });
      expect(texts({ before: null, flushedKeys: 0, incomplete })).toEqual(["flushed", "incomplete"]);
    },
  );

  it("count no keys of a session that was flushed without being loaded, as Django's flush does", () => {
    expect(texts({ before: null, flushedKeys: 0 })).toEqual(["flushed"]);
  });

  it("count no keys of a flushed session that was too long for its trace", () => {
    const before = { ...side("{}"), truncated: true };
    expect(texts({ before, flushedKeys: 0 })).toEqual(["flushed"]);
  });

  it("say that a save moved the expiry only if it did", () => {
    const operations = [{ name: "save" as const, durationMs: 1 }];
    const titles = (before: Trace["before"], after: Trace["after"]) =>
      traceChips(server.trace({ before, after, operations })).map(({ title }) => title);
    const until = (expiresAt: number | null) => ({ ...side("{}"), expiresAt });
    expect(titles(until(1000), until(2000))).toEqual(["Saved without a change, which moved its expiry"]);
    expect(titles(until(1000), until(1000))).toEqual(["Saved without a change"]);
    expect(titles({ ...until(1), truncated: true }, until(1))[0]).toMatch(/too large for its trace to tell/);
  });

  it("do not say that both changes were kept if one was not", () => {
    const operations = [{ name: "merge" as const, durationMs: 1 }];
    const [merged] = traceChips(server.trace({ operations }));
    expect(merged?.title).toMatch(/both changes were kept$/);
    const findings = [{ code: "key-conflict" as const, keys: ["cart"] }];
    const [conflict] = traceChips(server.trace({ operations, findings }));
    expect(conflict?.title).toMatch(/this request's value was kept$/);
  });

  it("do not call a cookie refused if its session was deleted meanwhile", () => {
    const operations = [{ name: "reject" as const, durationMs: 0, reason: "deleted meanwhile" }];
    expect(traceChips(server.trace({ operations }))[0]?.title).toMatch(/deleted while this request ran/);
  });

  it('call a session that was only read "read only"', () => {
    expect(texts({ before: side("{}"), after: side("{}") })).toEqual(["read only"]);
    expect(texts({})).toEqual(["no session"]);
    expect(texts({ touched: false })).toEqual([]);
  });

  it("show a redacted value as changed without pretending to know it", () => {
    const changes = [{ key: "password", kind: "changed" as const }];
    expect(
      texts({
        before: side('{"password":"‹redacted 1›"}'),
        after: side('{"password":"‹redacted 1›"}'),
        changes,
      }),
    ).toEqual(["~password"]);
  });
});

describe("whose session a row is about", () => {
  const trace = server.trace({ origin: "panel", flushedKeys: 2 });
  const edit = (origin: string) => ({ type: "edit" as const, id: "e", at: 0, trace, origin, early: false });
  const names = (entry: Entry, page: string | null) => chipsOf(entry, page).map(({ text }) => text);

  const [page, stranger] = ["http://localhost:3000", "http://localhost:4000"];

  it("is said first if a server other than the page's reports it", () => {
    expect(names(edit(stranger), page)).toEqual(["localhost:4000", "flushed 2 keys"]);
    expect(names(edit(stranger), stranger)).toEqual(["flushed 2 keys"]);
  });

  it("is said with the scheme if the page has another one, and always in the title", () => {
    expect(names(edit("https://localhost:3000"), page)).toEqual(["https://localhost:3000", "flushed 2 keys"]);
    expect(chipsOf(edit(stranger), page)[0]?.title).toBe(
      `Reported by ${stranger}, not by the page's own server, ${page}`,
    );
  });

  it("is judged by the page of that time, not by the current one", () => {
    expect(names({ ...edit(page), page }, stranger)).toEqual(["flushed 2 keys"]);
    expect(names({ ...edit(stranger), page }, stranger)).toEqual(["localhost:4000", "flushed 2 keys"]);
  });

  it("is also said of a session that the panel read itself", () => {
    const entry: Entry = {
      type: "request",
      id: "r",
      at: 0,
      number: 1,
      request: fillRequest({ id: "r", at: 0, url: `${stranger}/x` }),
      trace: null,
      traceGone: false,
      reading: { before: '{"a":1}', after: null },
    };
    expect(names(entry, page)[0]).toBe("localhost:4000");
    expect(names(entry, page).length).toBeGreaterThan(1);
    expect(names({ ...entry, reading: null }, page)).toEqual([]);
  });

  it("is not said if no page is known, as in a saved history", () => {
    expect(names(edit("http://localhost:4000"), null)).toEqual(["flushed 2 keys"]);
  });
});
