/**
 * Attacker: on another machine, before a reverse proxy that forwards for them. Holds: the victim's cookie. Wants: to pass for this
 * machine, by so many headers that the server drops the one which the proxy adds behind them (Node 20 and 22 do).
 */
import { expect, it } from "vitest";
import { sendRaw } from "../../bridge/site.ts";
import { remoteCall } from "../kit/remote-call.ts";
import { forwarding, startProxy } from "../kit/reverse-proxy.ts";
import { CANARY, expectNothing, openScene } from "../kit/scene.ts";

/** As many headers as Node keeps unless it is told otherwise, in name and value. */
const KEPT = 2_000;

it("a call with more headers than a browser sends is not looked at, whole or cut", async () => {
  const scene = await openScene({
    before({ rawHeaders }) {
      rawHeaders.splice(KEPT); // what those versions of Node do
    },
  });
  const { site } = scene;
  site.server.maxHeadersCount = 0; // this version refuses what those cut
  expect(await sendRaw(site.port, remoteCall(scene, ["a: 1", "b: 2"]))).toContain(CANARY);
  await expectNothing(scene, async () => {
    const received: string[] = [];
    for (const count of [996, 1_100, 1_600]) {
      const drowning = Array.from({ length: count }, () => "a:1");
      received.push(
        await sendRaw(site.port, remoteCall(scene, [...drowning, "X-Forwarded-For: 203.0.113.7"])),
      );
    }
    return received;
  });
  const other = await openScene();
  const proxy = await startProxy({ port: other.site.port }, forwarding);
  const drowning = Array.from({ length: 900 }, (_, at) => `h${at}:1`);
  expect(await sendRaw(proxy, remoteCall(other, drowning))).not.toContain(CANARY);
});
