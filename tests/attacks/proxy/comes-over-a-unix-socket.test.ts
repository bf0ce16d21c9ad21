/**
 * Attacker: on another machine, behind a proxy that reaches the app over a Unix socket and adds no header. Holds: the victim's cookie.
 * Wants: that a connection without any address counts as one from this machine.
 */
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { expect, it } from "vitest";
import { call, sendRaw } from "../../bridge/site.ts";
import { makeDirectory } from "../../core/engines/servers.ts";
import { remoteCall } from "../kit/remote-call.ts";
import { forwarding, startProxy } from "../kit/reverse-proxy.ts";
import { CANARY, expectNothing, later, openScene, type Scene } from "../kit/scene.ts";

const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";

/** The same app once more, on a Unix socket. */
async function onSocket({ site }: Scene): Promise<string> {
  const folder = await makeDirectory();
  const path = join(folder.address, "app.sock");
  const [listener] = site.server.listeners("request");
  const server = createServer(listener as RequestListener); // the one that the site was created with
  await new Promise<void>((resolve) => server.listen(path, resolve));
  later(() => {
    server.closeAllConnections();
    server.close();
    return folder.remove();
  });
  return path;
}

it("a caller without an address is not answered without a token", async () => {
  const scene = await openScene();
  const proxy = await startProxy({ socketPath: await onSocket(scene) }, (headers) => headers);
  await expectNothing(scene, async () => {
    const received = await sendRaw(proxy, remoteCall(scene));
    expect(received).toMatch(/^HTTP\/1\.1 404 /);
    return [received];
  });
  expect(await sendRaw(scene.site.port, remoteCall(scene))).toContain(CANARY);
});

it("a caller without an address is not answered with a guessed token, nor with the right one through a proxy that announces itself", async () => {
  const scene = await openScene({ bridge: { token: TOKEN } });
  const socketPath = await onSocket(scene);
  const [silent, honest] = [
    await startProxy({ socketPath }, (headers) => headers),
    await startProxy({ socketPath }, forwarding),
  ];
  const received = [
    await sendRaw(silent, remoteCall(scene)),
    await sendRaw(silent, remoteCall(scene, [`Session-Bridge-Token: ${TOKEN.toLowerCase()}`])),
    await sendRaw(silent, remoteCall(scene, ["Session-Bridge-Token: x", `Session-Bridge-Token: ${TOKEN}`])),
    await sendRaw(honest, remoteCall(scene, [`Session-Bridge-Token: ${TOKEN}`])),
  ];
  expect(received.join()).not.toContain(CANARY);
  const control = await call(
    scene.site,
    "session",
    { cookie: scene.victim.cookie },
    { "session-bridge-token": TOKEN },
  );
  expect(control.text).toContain(CANARY);
});
