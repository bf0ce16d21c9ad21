/**
 * Attacker: Bob, whose session an admin's request reads, changes and ends, in the app's own table; or whose cookie the app
 * gives to the admin. Holds: their own cookie. Wants: the admin's data, from traces that are taken for their own.
 */
import { expect, it } from "vitest";
import { closeApps, createTable, FORMS, startTableApp } from "../../sources/custom/table-app.ts";
import { readTraces } from "../../sources/panel-client.ts";
import { CANARY, later, listenIn } from "../kit/scene.ts";

const form = FORMS["hashed tokens"];

/** The app, with an admin and Bob in its table. */
async function openAdmins() {
  later(closeApps);
  const table = createTable(form);
  const { load, save, delete: remove } = table.options;
  const until = new Date(Date.now() + 60_000);
  const [admin, bob] = [CANARY, "of bob"].map((note) => table.create(form, { note }, until));
  const key = form.toKey(bob ?? "");
  const acts: Record<string, () => void> = {
    "/look": () => load(key),
    "/mark": () => save(key, { data: { note: "of bob", marked: "by the admin" }, expiresAt: until }),
    "/as-bob": () => load(key),
    "/end": () => remove(key),
  };
  const { base } = await startTableApp({
    ...{ form, table },
    first(path, _, response) {
      acts[path]?.();
      if (path === "/as-bob") response.setHeader("set-cookie", `session=${bob}; Path=/`);
    },
  });
  const visit = (path: string, cookie = "") =>
    fetch(base + path, { headers: { cookie: `session=${cookie}` } });
  return { base, visit, admin: admin ?? "", bob: bob ?? "", key };
}

it("what a request does to another session is in its trace, with a short key and without content", async () => {
  const { base, visit, admin, bob, key } = await openAdmins();
  const listener = await listenIn({ origin: base }, { cookies: [bob] });
  for (const path of ["/look", "/mark", "/as-bob"]) await visit(path, admin);
  await visit("/bobs-own", bob);
  const first = (await listener.next("trace")).trace;
  expect([first.request.path, JSON.stringify(listener.events).includes(CANARY)]).toEqual([
    "/bobs-own",
    false,
  ]);
  await visit("/end", admin);
  const traces = await readTraces(base, [admin], (all) => all.some(({ request }) => request.path === "/end"));
  const done = traces.map(({ request, operations }) => [
    request.path,
    operations.map(({ name, reason }) => `${name}: ${reason ?? "own"}`),
  ]);
  const other = `another session ${key.slice(0, 4)}…${key.slice(-4)}`;
  expect(done).toEqual([
    ["/look", ["load: own", `load: ${other}`]],
    ["/mark", ["load: own", `save: ${other}`]],
    ["/as-bob", ["load: own", `load: ${other}`]],
    ["/end", ["load: own", `flush: ${other}`]],
  ]);
  expect(JSON.stringify(traces)).not.toContain("of bob");
});
