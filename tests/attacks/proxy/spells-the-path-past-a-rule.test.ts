/**
 * Attacker: on another machine, behind a tunnel whose operator blocks paths that begin with `/__sessions`. Holds: the victim's
 * cookie. Wants: a spelling of that path which the tunnel's rule does not know, and the bridge does.
 */
import { expect, it } from "vitest";
import { sendRaw } from "../../bridge/site.ts";
import { remoteCall } from "../kit/remote-call.ts";
import { startProxy } from "../kit/reverse-proxy.ts";
import { CANARY, expectNothing, openScene } from "../kit/scene.ts";

const PATH = "/__sessions/v1/session";

const SPELLINGS = [
  "//__sessions/v1/session",
  "/./__sessions/v1/session",
  "/x/../__sessions/v1/session",
  "/x/..;/__sessions/v1/session",
  "/%5f%5fsessions/v1/session",
  "/_%5Fsessions/v1/session",
  "/%2e/__sessions/v1/session",
  "/__SESSIONS/v1/session",
  "/%2F__sessions/v1/session",
  "\\__sessions\\v1\\session",
  "/\uff3f_sessions/v1/session",
  "/;x=1/__sessions/v1/session",
  "/?/__sessions/v1/session",
  "/#/__sessions/v1/session",
  "http://localhost/__sessions/v1/session",
];

it("the bridge accepts only one spelling of its paths, so that a blocking rule works", async () => {
  const scene = await openScene();
  const { port } = scene.site;
  const tunnel = await startProxy(
    { port },
    (headers) => headers,
    (path) => !path.startsWith("/__sessions"),
  );
  await expectNothing(scene, async () => {
    const received = [await sendRaw(tunnel, remoteCall(scene))];
    expect(received[0]).toMatch(/^HTTP\/1\.1 403 /);
    for (const spelling of SPELLINGS)
      received.push(await sendRaw(tunnel, remoteCall(scene).replace(PATH, spelling)));
    return received;
  });
  expect(await sendRaw(port, remoteCall(scene))).toContain(CANARY);
});
