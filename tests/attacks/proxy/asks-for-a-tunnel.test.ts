/**
 * Attacker: on another machine, who asks the server itself to forward requests here. Holds: the victim's cookie.
 * Wants: a tunnel, an upgrade or a proxy's request line through which a call would come from this machine.
 */
import { expect, it } from "vitest";
import { sendRaw } from "../../bridge/site.ts";
import { remoteCall } from "../kit/remote-call.ts";
import { CANARY, expectNothing, openScene } from "../kit/scene.ts";

it("no CONNECT, no upgrade and no absolute target carries a call to the bridge", async () => {
  const scene = await openScene();
  const { site } = scene;
  const inner = remoteCall(scene);
  const [line = "", ...rest] = inner.split("\r\n");
  const target = (address: string) =>
    [line.replace("/__sessions", `${address}/__sessions`), ...rest].join("\r\n");
  const host = `localhost:${site.port}`;
  const attempts = [
    `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n${inner}`,
    `GET /plain HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n${inner}`,
    `GET /plain HTTP/1.1\r\nHost: ${host}\r\nConnection: close, Upgrade\r\nUpgrade: TLS/1.3\r\n\r\n${inner}`,
    target("http://shop.example"),
    target(`http://${host}`),
    target("http://localhost@shop.example"),
    target("//localhost"),
    target("*"),
    `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n${inner}`,
    `TRACE /__sessions/v1/session HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n${inner}`,
    `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${inner}`,
  ];
  await expectNothing(scene, async () => {
    const received: string[] = [];
    for (const bytes of attempts) received.push(await sendRaw(site.port, bytes));
    return received.map((text) => text.replaceAll(scene.victim.cookie, "")); // some echo the bytes that they refuse
  });
  expect(await sendRaw(site.port, inner)).toContain(CANARY);
});
