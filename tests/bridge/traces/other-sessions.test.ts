/** A handler that opens someone else's session by its key (T27): neither sees the other's in their traces. */
import { afterEach, expect, it } from "vitest";
import { type Site, startSite, Visitor } from "../site.ts";
import { listen } from "../stream.ts";

let site: Site | null = null;
afterEach(() => site?.close());

it("stays out of the trace and the lineage of the request in which it is opened", async () => {
  const started = await startSite({
    async app(request, response) {
      const url = new URL(request.url ?? "/", "http://site");
      request.session.set("visits", Number(request.session.get("visits") ?? 0) + 1);
      if (url.pathname === "/login") request.session.set("user", url.searchParams.get("user"));
      const other = url.searchParams.get("other");
      if (other !== null) {
        const opened = started.sessions.open(other);
        await opened.load();
        opened.set("marked", "by the admin");
        await opened.save();
      }
      response.end();
    },
  });
  site = started;
  const [admin, bob] = [new Visitor(started), new Visitor(started)];
  await admin.visit("/login?user=admin");
  await bob.visit("/login?user=bob");
  await admin.visit(`/mark?other=${bob.cookie}`);
  await admin.visit("/later");
  await bob.visit("/bobs");
  const ofBob = await listen(started, { cookies: [bob.cookie] });
  expect((await ofBob.trace("/bobs")).after?.dataJson).toContain("by the admin");
  for (const id of admin.traceIds) expect(JSON.stringify(ofBob.events)).not.toContain(id);
  const ofAdmin = await listen(started, { cookies: [admin.cookie] });
  expect((await ofAdmin.trace("/mark")).changes).toMatchObject([{ key: "visits" }]);
  await ofAdmin.trace("/later");
  expect(JSON.stringify(ofAdmin.events)).not.toMatch(/bob|by the admin/);
  for (const one of [ofBob, ofAdmin]) one.close();
});
