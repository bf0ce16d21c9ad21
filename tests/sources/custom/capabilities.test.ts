/** Each function of `customSource` brings its capabilities, for the type checker and for the tab, and no other does. */
import type { Capability } from "session-bridge/bridge";
import { type CustomSourceOptions, customSource } from "session-bridge/sources";
import { afterEach, describe, expect, it } from "vitest";
import { call } from "../panel-client.ts";
import { closeApps, createTable, FORMS, startTableApp } from "./table-app.ts";

afterEach(closeApps);

const form = FORMS["hashed tokens"];
const { save, delete: remove, watch, ...needed } = createTable().options;

/** Every combination of the functions that may be left out, with the capabilities that the type promises. */
const COMBINATIONS: { given: CustomSourceOptions; promised: readonly Capability[] }[] = [
  combine(needed, ["read"]),
  combine({ ...needed, save }, ["read", "edit", "expiry"]),
  combine({ ...needed, delete: remove }, ["read", "flush"]),
  combine({ ...needed, watch }, ["read", "traces"]),
  combine({ ...needed, save, delete: remove }, ["read", "edit", "expiry", "flush", "restore"]),
  combine({ ...needed, save, watch }, ["read", "traces", "edit", "expiry"]),
  combine({ ...needed, delete: remove, watch }, ["read", "traces", "flush"]),
  combine({ ...needed, save, delete: remove, watch }, [
    "read",
    "traces",
    "edit",
    "expiry",
    "flush",
    "restore",
  ]),
];

/** Compiles only if the type promises no capability but these. */
function combine<const Options extends CustomSourceOptions, Promised extends Capability>(
  given: Options,
  promised: readonly Promised[] &
    (ReturnType<typeof customSource<Options>>["capabilities"][number] extends Promised ? unknown : never),
): { given: CustomSourceOptions; promised: readonly Capability[] } {
  return { given, promised };
}

describe.each(COMBINATIONS)("customSource with $promised", ({ given, promised }) => {
  it("says so to the tab, and refuses every other call", async () => {
    const table = createTable(form);
    const options = Object.fromEntries(
      Object.keys(given).map((name) => [name, Reflect.get(table.options, name)]),
    );
    const source = { ...needed, ...options };
    const { base } = await startTableApp({ form, table, source });
    const cookie = table.create(form, { user_id: 123 }, new Date(Date.now() + 60_000));
    const hello = await call(base, "hello", { protocol: 1 });
    expect(hello.answer.capabilities.filter((name) => name !== "prove").sort()).toEqual([...promised].sort());
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    const ifVersion = answer.found ? answer.session.version : "";
    const operations = [{ op: "set" as const, path: ["user_id"], valueJson: "7" }];
    const statuses = {
      edit: (await call(base, "edit", { protocol: 1, cookie, operations, ifVersion })).status,
      cycle: (await call(base, "cycle", { protocol: 1, cookie, ifVersion })).status,
    };
    expect(statuses).toEqual({ edit: promised.includes("edit") ? 200 : 403, cycle: 403 });
  });
});

describe("the types of customSource", () => {
  it("know what a source cannot do", () => {
    const reads: readonly "read"[] = customSource(needed).capabilities;
    // @ts-expect-error `save` brings more than reading
    const edits: readonly "read"[] = customSource({ ...needed, save }).capabilities;
    // @ts-expect-error `toKey` has no default
    const withoutKeys = () => customSource({ name: "a", cookieName: "b", load: needed.load });
    // @ts-expect-error `load` must say when the session expires
    const withoutEnd = () => customSource({ ...needed, load: () => ({ data: {} }) });
    expect([reads.length, edits.length]).toEqual([1, 3]);
    expect(withoutKeys).toThrow(
      "[session-bridge] customSource() needs toKey. Pass a function that returns the key of the session that a cookie is for, by the same steps as in your app. There is no default,",
    );
    expect(withoutEnd).not.toThrow(); // what a function returns is known when it is called
  });
});

describe("the options of customSource", () => {
  it.each([
    [undefined, "needs name"],
    [{}, "needs name"],
    [{ ...needed, cookieName: "" }, "needs cookieName"],
    [{ ...needed, load: undefined }, "needs load"],
    [{ ...needed, toKey: "sha256" }, "toKey is not a function. Pass a function."],
    [{ ...needed, name: 7 }, "name is not a string. Pass a string."],
    [
      { ...needed, destroy: remove },
      'does not know "destroy". It takes name, cookieName, toKey, load, save, delete, watch.',
    ],
  ])("in JavaScript: %o %s", (options, sentence) => {
    expect(() => customSource(options as never)).toThrow(sentence);
  });
});
