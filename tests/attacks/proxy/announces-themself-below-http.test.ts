/**
 * Attacker: on another machine, behind a TCP load balancer that puts their address in front of the connection (the PROXY protocol).
 * Holds: the victim's cookie. Wants: the server to ignore these bytes, so that nothing reveals the balancer.
 */
import { expect, it } from "vitest";
import { sendRaw } from "../../bridge/site.ts";
import { remoteCall } from "../kit/remote-call.ts";
import { startTunnel } from "../kit/reverse-proxy.ts";
import { CANARY, expectNothing, openScene } from "../kit/scene.ts";

const SIGNATURE = Buffer.from("0d0a0d0a000d0a515549540a", "hex");

const ANNOUNCED: Record<string, Buffer> = {
  "version 1": Buffer.from("PROXY TCP4 203.0.113.7 127.0.0.1 50000 3000\r\n"),
  "version 1, unknown": Buffer.from("PROXY UNKNOWN\r\n"),
  "version 1 with an empty line": Buffer.from("\r\nPROXY TCP6 2001:db8::7 ::1 50000 3000\r\n"),
  "version 2": Buffer.concat([
    SIGNATURE,
    Buffer.from("2111000c", "hex"),
    Buffer.from("cb0071077f000001c3500bb8", "hex"),
  ]),
  "version 2, local": Buffer.concat([SIGNATURE, Buffer.from("20000000", "hex")]),
};

it.each(Object.keys(ANNOUNCED))("is refused by the server before any call is read: %s", async (how) => {
  const scene = await openScene();
  const bytes = ANNOUNCED[how] ?? Buffer.of();
  const balancer = await startTunnel(scene.site.port, bytes);
  await expectNothing(scene, async () => {
    const received = await sendRaw(balancer, remoteCall(scene));
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    return [received];
  });
  const silent = await startTunnel(scene.site.port, Buffer.of());
  expect(await sendRaw(silent, remoteCall(scene)), "the residue that docs/security.md states").toContain(
    CANARY,
  );
});
