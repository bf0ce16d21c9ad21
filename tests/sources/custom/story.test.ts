/** The story of every foreign library, for an app with its own table; and a form of keys whose check takes time. */
import type { Trace } from "session-bridge/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { describeStory } from "../foreign/story.ts";
import { call, readCookie, readEvents, readTraces } from "../panel-client.ts";
import { closeApps, createTable, FORMS, startTableApp } from "./table-app.ts";

afterEach(closeApps);

const form = FORMS["hashed tokens"];

describeStory({
  library: "session table",
  cookieName: "session",
  stored: true,
  start: (bridge) => startTableApp(bridge ? { form } : { form, source: null }),
});

describe("a table of the app with ids with secrets, whose check takes time and needs the table", () => {
  const post = (base: string, path: string, cookie?: string) =>
    fetch(base + path, {
      method: "POST",
      headers: cookie === undefined ? {} : { cookie: `session=${cookie}` },
    });
  const told = ({ request, changes, operations }: Trace) => [
    request.path,
    changes.map(({ key, kind }) => `${kind} ${key}`).sort(),
    operations.map(({ name }) => name),
  ];

  it("shows what each request did to its own session", async () => {
    const { base } = await startTableApp({ form: FORMS["ids with secrets"] });
    const cookie = readCookie(await post(base, "/login"), "session");
    await Promise.all([1, 2, 3].map((item) => post(base, `/cart?item=${item}`, cookie)));
    const traces = await readTraces(
      base,
      [cookie],
      (all) => all.filter(({ touched }) => touched).length >= 4,
    );
    const [login, ...carts] = traces.filter(({ touched }) => touched).map(told);
    expect(login).toEqual(["/login", ["added user_id", "added username"], ["create"]]);
    // the three were sent at once, so any of them may be the first that stores
    const byChange = (one: ReturnType<typeof told>, other: ReturnType<typeof told>) =>
      String(one[1]).localeCompare(String(other[1]));
    expect(carts.sort(byChange)).toEqual([
      ["/cart", ["added cart"], ["load", "save"]],
      ["/cart", ["changed cart"], ["load", "save"]],
      ["/cart", ["changed cart"], ["load", "save"]],
    ]);
  });

  it("knows a session as the request's own when the bridge learns its key later than the app", async () => {
    const table = createTable(form);
    const source = { ...table.options, toKey: async (cookie: string) => form.toKey(cookie) };
    const { base } = await startTableApp({ form, table, source });
    const cookie = readCookie(await post(base, "/login"), "session");
    await post(base, "/cart?item=tea", cookie);
    const traces = await readTraces(base, [cookie], (all) =>
      all.some(({ request, after }) => request.path === "/cart" && after !== null),
    );
    expect(traces.map(told)).toEqual([
      ["/login", ["added user_id", "added username"], ["create"]],
      ["/cart", ["added cart"], ["load", "save"]],
    ]);
  });

  it("shows a logout to the panel that has followed the session, and proves nothing afterwards", async () => {
    const { base } = await startTableApp({ form: FORMS["ids with secrets"] });
    const cookie = readCookie(await post(base, "/login"), "session");
    for await (const event of readEvents(base, [cookie])) {
      if (event.type !== "trace") continue;
      if (event.trace.request.path === "/login") await post(base, "/logout", cookie);
      if (event.trace.request.path !== "/logout" || !event.trace.touched) continue;
      expect(event.trace.flushedKeys).toBe(2);
      break;
    }
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    expect(answer).toMatchObject({ found: false, reason: "unknown" });
  });
});
