/** A `toKey` that fails for the cookie that a response sets, while it still works on the one that the request showed. */
import { createServer, type Server } from "node:http";
import { type Bridge, openBridge } from "session-bridge/bridge";
import { customSource } from "session-bridge/sources";
import { afterEach, expect, it } from "vitest";
import { listen } from "../panel-client.ts";

const open: (Bridge | Server)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

it("does not end the app's process", async () => {
  const unhandled: unknown[] = [];
  const hear = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", hear);
  const source = customSource({
    name: "session table",
    cookieName: "session",
    toKey: (cookie) =>
      cookie === "old" ? new Promise<never>(() => {}) : Promise.reject(new Error("no pool")),
    load: () => null,
    watch: () => () => {},
  });
  const bridge = openBridge(source, { enabled: true, log: () => {} });
  const server = createServer((request, response) =>
    bridge(request, response, () => {
      response.setHeader("set-cookie", "session=new");
      response.end("the app");
    }),
  );
  open.push(bridge, server);
  const base = await listen(server);
  // Node reports what has no handler at the end of a turn; the second answer comes several turns later
  for (let visit = 0; visit < 2; visit += 1) {
    expect(await (await fetch(base, { headers: { cookie: "session=old" } })).text()).toBe("the app");
  }
  process.off("unhandledRejection", hear);
  expect(unhandled).toEqual([]);
});
