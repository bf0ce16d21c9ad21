/**
 * Attacker: on another machine, behind a proxy that keeps one connection to the app for all its clients. Holds: the victim's cookie.
 * Wants: a connection that the developer's browser has used to be trusted from then on.
 */
import { expect, it } from "vitest";
import { call, EXTENSION_ORIGIN, rawCall, sendRaw } from "../../bridge/site.ts";
import { remoteCall } from "../kit/remote-call.ts";
import { CANARY, openScene } from "../kit/scene.ts";

/** The developer's browser says that no page triggered the request. */
const FORWARDED = ["Sec-Fetch-Site: none", "X-Forwarded-For: 203.0.113.7"];

it("each request is judged separately, and a forwarded one closes the bridge for its whole connection", async () => {
  const scene = await openScene();
  const { site, victim } = scene;
  const stored = await site.sessions.engine.load(victim.cookie);
  const { version } = (await call(site, "session", { cookie: victim.cookie })).json.session;
  const flush = rawCall(
    "flush",
    ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json", ...FORWARDED],
    JSON.stringify({ protocol: 1, cookie: victim.cookie, ifVersion: version }),
  );
  const answers = (
    await sendRaw(
      site.port,
      [remoteCall(scene), remoteCall(scene), flush, remoteCall(scene, FORWARDED), remoteCall(scene)].join(""),
      5,
    )
  )
    .split("HTTP/1.1 ")
    .slice(1);
  expect(answers.map((answer) => answer.slice(0, 3))).toEqual(["200", "200", "404", "404", "403"]);
  expect(answers.map((answer) => answer.includes(CANARY))).toEqual([true, true, false, false, false]);
  expect(answers.at(-1)).toContain('"code":"proxied"');
  expect(await site.sessions.engine.load(victim.cookie)).toEqual(stored);
});
