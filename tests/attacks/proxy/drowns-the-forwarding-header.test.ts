/**
 * Attacker: on another machine, behind a reverse proxy that forwards for them. Holds: the victim's cookie. Wants: to be treated as this
 * machine, with so many headers that the server drops the one that the proxy adds after them (Node 20 and 22 do).
 */
import { BRIDGE_PATH } from "session-bridge/protocol";
import { expect, it } from "vitest";
import { EXTENSION_ORIGIN, sendRaw } from "../../bridge/site.ts";
import { remoteCall } from "../kit/remote-call.ts";
import { forwarding, startProxy } from "../kit/reverse-proxy.ts";
import { CANARY, expectNothing, openScene } from "../kit/scene.ts";

/** As many headers as Node keeps by default, in names and values. */
const KEPT = 2_000;
/** Comes first, so that it is not cut: without it the call is not answered, however few headers it has. */
const KEPT_ALIVE = "Connection: keep-alive";

it("a call with many more headers than a browser sends is not answered, complete or cut", async () => {
  const scene = await openScene({
    before({ rawHeaders }) {
      rawHeaders.splice(KEPT); // what those versions of Node do
    },
  });
  const { site } = scene;
  site.server.maxHeadersCount = 0; // this version refuses what those versions cut
  expect(await sendRaw(site.port, remoteCall(scene, ["a: 1", "b: 2"]))).toContain(CANARY);
  await expectNothing(scene, async () => {
    const received: string[] = [];
    for (const count of [996, 1_100, 1_600]) {
      const drowning = Array.from({ length: count }, () => "a:1");
      received.push(
        await sendRaw(
          site.port,
          remoteCall(scene, [KEPT_ALIVE, ...drowning, "X-Forwarded-For: 203.0.113.7"]),
        ),
      );
    }
    return received;
  });
  const other = await openScene();
  const proxy = await startProxy({ port: other.site.port }, forwarding);
  const drowning = Array.from({ length: 900 }, (_, at) => `h${at}:1`);
  expect(await sendRaw(proxy, remoteCall(other, drowning))).not.toContain(CANARY);
});

it("a call whose many headers a fetch server has joined is not answered either", async () => {
  const scene = await openScene();
  const ask = async (lines: [string, string][]): Promise<string> => {
    const own: [string, string][] = [
      ["origin", EXTENSION_ORIGIN],
      ["content-type", "application/json"],
      ["connection", "keep-alive"],
    ];
    const body = JSON.stringify({ protocol: 1, cookie: scene.victim.cookie });
    const call = new Request(`http://localhost${BRIDGE_PATH}session`, {
      method: "POST",
      headers: [...own, ...lines],
      body,
    });
    const context = { peerAddress: "127.0.0.1", httpVersion: "1.1" };
    const response = await scene.site.bridge?.fetch(call, context, () => new Response("the app"));
    return String(await response?.text());
  };
  const browsers: [string, string][] = [
    ["accept", "text/html,application/json;q=0.9,image/avif,image/webp,*/*;q=0.8"],
    ["accept-encoding", "gzip, deflate, br, zstd"],
    ["accept-language", "de-CH,de;q=0.9,fr;q=0.8,it;q=0.7,rm;q=0.6,en-GB;q=0.5,en;q=0.4,*;q=0.1"],
    ["sec-ch-ua", '"Not/A)Brand";v="8", "Chromium";v="156", "Another";v="156"'],
    ["user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) AppleWebKit/537.36 (KHTML, like Gecko)"],
  ];
  expect(await ask(browsers)).toContain(CANARY);
  await expectNothing(scene, async () => {
    const names = ["a", "accept", "cookie"];
    return Promise.all(names.map((name) => ask(Array.from({ length: 1_000 }, () => [name, "1"]))));
  });
});
