/**
 * Attacker: someone who sees the headers of the victim's answers, in a proxy's log. Holds: the trace id of every one of them, of logins and
 * logouts, failed and empty ones; no cookie. Wants: what the session contained, from the traces that have no owner and are found by their ids.
 */
import { expect, it } from "vitest";
import { Visitor } from "../../bridge/site.ts";
import { CANARY, expectNothing, listenIn, openScene, overhear, SET_CANARY } from "../kit/scene.ts";

it("an id reveals at most a request's method, path and status, and nothing about any session", async () => {
  const secret = "9f86d081884c7d659a2feaa0c55ad015";
  const scene = await openScene({
    async app(request, response) {
      const { session } = request;
      const path = new URL(request.url ?? "/", "http://site").pathname;
      if (path === "/set" || path === "/fail") session.set("note", CANARY);
      if (path === "/fail") session.set(`${CANARY} as a name`, 1);
      if (path === "/login") await session.cycleKey();
      if (path === "/out") await session.flush();
      if (path === "/begin") {
        await session.flush();
        session.set("note", CANARY);
      }
      response.statusCode = path === "/fail" ? 500 : 200;
      response.end();
    },
  });
  const { site, victim } = scene;
  const fresh = [new Visitor(site), new Visitor(site), new Visitor(site), new Visitor(site)];
  for (const [at, path] of ["/fail", "/out", "/begin", SET_CANARY].entries()) await fresh[at]?.visit(path);
  for (const one of fresh.slice(2)) for (const path of ["/fail", "/out", "/fail"]) await one.visit(path);
  await victim.visit(`/reset/${secret}/?token=${secret}`);
  const everyone = [victim, ...fresh];
  const ids = everyone.flatMap(({ traceIds }) => traceIds);
  await expectNothing(scene, async () => {
    const heard = await overhear(site, { ids, cookies: ["", scene.attacker.cookie] });
    for (const text of [secret, ...everyone.flatMap(({ held }) => held)]) expect(heard).not.toContain(text);
    expect(heard).toContain('"path":"/reset/');
    return [heard];
  });
  const control = await listenIn(site, { cookies: victim.held });
  await control.trace("/set");
  expect(JSON.stringify(control.events)).toContain(CANARY);
});
