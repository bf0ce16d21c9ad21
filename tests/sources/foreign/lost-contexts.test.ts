/** Drivers that call back outside the request's asynchronous context, or in another request's: every trace still belongs to its request. */
import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, describe, expect, it } from "vitest";
import { createClient, readDeeds, startPassportApp } from "./passport-app.ts";
import { WorkerStore } from "./worker-store.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(starts: ConstructorParameters<typeof WorkerStore>[0]) {
  const store = new WorkerStore(starts);
  const app = await startPassportApp({
    store,
    findUser: (name, answer) => store.ask("echo", [name], (found) => answer(null, String(found))),
  });
  closing.push(() => {
    app.server.close();
    app.server.closeAllConnections();
    return store.close();
  });
  return app;
}

describe("the premise of these tests", () => {
  it("is a worker that answers every call in the context in which it was started", async () => {
    const context = new AsyncLocalStorage<string>();
    const store = new WorkerStore("with the first call");
    closing.push(() => store.close());
    const ask = (name: string) =>
      context.run(
        name,
        () => new Promise((resolve) => store.ask("echo", [], () => resolve(context.getStore()))),
      );
    expect([await ask("first"), await ask("second")]).toEqual(["first", "first"]);
  });
});

describe.each(["at once", "with the first call"] as const)(
  "a Passport login over a store whose worker is started %s",
  (starts) => {
    it("reports what the app did at a first login, a second one, and a logout", async () => {
      const { base, deeds } = await start(starts);
      const client = createClient(base, "ann");
      await client.go(7);
      const { ids, cookies } = client.take();
      const told = await readDeeds(base, ids, cookies);
      expect([...told.values()]).toEqual([...deeds.values()]);
      expect(told.get(ids[4] ?? "")).toEqual({
        path: "/login",
        before: '{"passport":{"user":"ann"},"n":2}',
        after: '{"passport":{"user":"ann"}}',
        calls: ["get", "destroy", "set", "set"],
      });
    });

    it("keeps two users apart in 200 requests of each at the same time", async () => {
      const { base, deeds } = await start(starts);
      const clients = ["ann", "bob"].map((user) => createClient(base, user));
      for (let round = 0; round < 10; round += 1) {
        await Promise.all(clients.map((client) => client.go(20)));
        for (const client of clients) {
          const { ids, cookies } = client.take();
          const told = await readDeeds(base, ids, cookies);
          expect(ids.map((id) => told.get(id))).toEqual(ids.map((id) => deeds.get(id)));
        }
      }
      expect(deeds.size).toBe(400);
    });
  },
);
