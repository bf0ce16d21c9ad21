/** Two addresses of one app are not accused of overwriting its cookie, and two apps are. */
import { describe, expect, it } from "vitest";
import { explainRow } from "../../../../extension/logic/explain/explain-row.ts";
import type { Entry } from "../../../../extension/logic/timeline/entry.ts";
import { AT, trace } from "./material.ts";
import { A, around, B, back, first, found, REPLACED, row, said, second, sets } from "./two-servers.ts";

describe("two addresses", () => {
  const of = (process: string | null) => [
    row(1, `${A}/login`, sets("of-a", { process })),
    row(2, `${B}/login`, sets("of-b", { process })),
    row(3, `${A}/cart`, { process, known: false }),
  ];

  it("of one app are not accused: one process answers at both", () => {
    for (const at of [0, 1, 2, null]) {
      const entry = at === null ? null : (of("same")[at] ?? null);
      const all = explainRow(["sessionid"], entry, around(of("same")));
      expect(all.map(({ sentence }) => sentence).join()).not.toMatch(/replaced sessionid, which|both set/);
    }
    expect(found(of("same"))).toBeNull();
  });

  it("of one app are not accused if only the bridges now say that they are one", () => {
    const running = new Map([A, B].map((origin) => [origin, "same"]));
    expect(said(1, of(null), { running })).toBeNull();
  });

  it("of one app are not accused if the bridge of one reports a trace that the other's response named", () => {
    const id = "BBBBBBBBBBBBBBBBBBBBBB";
    const named = row(2, `${B}/login`, sets("of-b", { process: null, traceId: id }));
    const outside = (its: string): Entry => ({
      type: "outside",
      id: its,
      at: AT + 2500,
      trace: trace({ id: its, process: "one" }),
      origin: A,
      early: false,
    });
    expect(said(1, [first, named, outside(id)])).toBeNull();
    expect(said(1, [first, named, outside("C".repeat(22))])).not.toBeNull();
  });

  it("that may be one app are only said to have replaced the cookie, and no finding is made of it", () => {
    const unknown = said(1, of(null));
    expect(unknown?.sentence).toBe(REPLACED);
    expect(unknown?.remedy).toContain("If these are two apps: ");
    expect(found(of(null))).toBeNull();
  });

  it("may be one app that was restarted, until the first process answers again", () => {
    const restarted = [first, second];
    expect(said(1, restarted)?.remedy).toContain("If these are two apps: ");
    expect(found(restarted)).toBeNull();
    expect(found([...restarted, back])).not.toBeNull();
  });

  it("may be one app in several processes, if one of them is answered by two at a time", () => {
    const workers = [
      row(1, `${A}/login`, sets("of-a", { process: "one" })),
      row(2, `${B}/login`, sets("of-b", { process: "three" })),
      row(3, `${A}/cart`, { process: "two" }),
      row(4, `${A}/cart`, { process: "one" }),
    ];
    expect(found(workers)).toBeNull();
    expect(said(1, workers)?.remedy).toContain("If these are two apps: ");
  });

  it("may be one app in several processes, if another process answers at one of them at any time", () => {
    const workers = [
      row(1, `${A}/login`, sets("of-a", { process: "one" })),
      row(2, `${B}/login`, sets("of-b", { process: "two" })),
      row(3, `${A}/cart`, { process: "one" }),
    ];
    expect(found(workers)).not.toBeNull();
    expect(found([...workers, row(4, `${B}/`, { process: "three" })])).toBeNull();
    expect(found([...workers, row(4, `${A}/`, { process: "three" })])).toBeNull();
    const running = new Map([
      [A, "one"],
      [B, "three"],
    ]);
    expect(found(workers, { running })).toBeNull();
  });

  it("may be one app in several processes, if both say that their bridge listens on one port", () => {
    const at = (a: string, b: string) => [
      row(1, `${A}/login`, sets("of-a", { bridge: `;at=${a}` })),
      row(2, `${B}/login`, sets("of-b", { bridge: `;at=${b};state=hosts` })),
      back,
    ];
    expect(found(at("3000", "4000"))).not.toBeNull();
    expect(found(at("3000", "3000"))).toBeNull();
    expect(said(1, at("3000", "3000"))?.remedy).toContain("If these are two apps: ");
  });

  it("are two apps if each has its own bridge next to it, which is another process than those of the site", () => {
    const at = (a: string, b: string) => [
      row(1, `${A}/login`, sets("of-a", { process: "one", bridge: `;at=${a}` })),
      row(2, `${B}/login`, sets("of-b", { process: "two", bridge: `;at=${b}` })),
      row(3, `${A}/cart`, { process: "three", bridge: `;at=${a}` }),
    ];
    const running = new Map([
      [A, "bridge of a"],
      [B, "bridge of b"],
    ]);
    expect(found(at("47801", "47802"), { running })).not.toBeNull();
    expect(found(at("47801", "47801"), { running })).toBeNull();
    expect(found(at("3000", "4000"), { running })).toBeNull();
    expect(found(at("47801", "47802"))).toBeNull();
    const same = new Map([A, B].map((origin) => [origin, "one bridge"]));
    expect(said(1, at("47801", "47801"), { running: same })).toBeNull();
  });

  it("are two apps if two bridges answer now, or the first one is still there", () => {
    const both = new Map([
      [A, "one"],
      [B, "two"],
    ]);
    expect(found(of(null), { running: both })).not.toBeNull();
    expect(found([first, second], { running: new Map([[A, `process of ${A}`]]) })).not.toBeNull();
    expect(found([first, second], { running: new Map([[A, "restarted"]]) })).toBeNull();
  });
});
